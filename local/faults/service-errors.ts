import type { FaultError, FaultyService } from './fault.ts';

/** The errors that services answer under load and trouble, with the status and the words of each. */
const ERRORS: Readonly<Record<FaultyService, Readonly<Record<string, Omit<FaultError, 'name'>>>>> = {
  dynamodb: {
    InternalServerError: { status: 500, message: 'The request processing has failed because of an unknown error' },
    ProvisionedThroughputExceededException: {
      status: 400,
      message:
        'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
    },
    RequestLimitExceeded: { status: 400, message: 'Throughput exceeds the current throughput limit for your account.' },
    ServiceUnavailable: { status: 503, message: 'The service is currently unavailable' },
    ThrottlingException: { status: 400, message: 'Rate of requests exceeds the allowed throughput.' },
    TransactionConflictException: { status: 400, message: 'Transaction is ongoing for the item' },
  },
  s3: {
    InternalError: { status: 500, message: 'We encountered an internal error. Please try again.' },
    ServiceUnavailable: { status: 503, message: 'Please reduce your request rate.' },
    SlowDown: { status: 503, message: 'Please reduce your request rate.' },
  },
  lambda: {
    ServiceException: { status: 500, message: 'An error occurred and the request cannot be processed.' },
    TooManyRequestsException: { status: 429, message: 'Rate Exceeded.' },
  },
  connections: {
    GoneException: { status: 410, message: '' },
    InternalServerErrorException: { status: 500, message: 'Internal server error' },
    LimitExceededException: { status: 429, message: 'Too Many Requests' },
  },
};

/** Returns an error of a service by its name; undefined for a name that is not known here. */
export function serviceError(service: FaultyService, name: string): FaultError | undefined {
  const known = Object.hasOwn(ERRORS[service], name) ? ERRORS[service][name] : undefined;
  return known && { name, ...known };
}

/** Lists the names of a service's errors. */
export const errorNames = (service: FaultyService): readonly string[] => Object.keys(ERRORS[service]);
