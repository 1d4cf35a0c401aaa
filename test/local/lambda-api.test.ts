import { GetFunctionCommand, GetFunctionConfigurationCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { openLambdaShop } from '../helpers/lambda-shop.ts';

describe('Lambda’s API of functions, in a running application', () => {
  let shop: Awaited<ReturnType<typeof openLambdaShop>>;

  beforeAll(async () => {
    shop = await openLambdaShop();
  });

  afterAll(() => shop.close());

  test('tells of a function what the template says of it', async () => {
    const { name, arn } = shop.functionOf('Read');

    const { Configuration, Code } = await shop.lambda.send(new GetFunctionCommand({ FunctionName: name }));

    expect(Configuration).toMatchObject({
      FunctionName: name,
      FunctionArn: arn,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: expect.stringMatching(/^arn:aws:iam::\d{12}:role\//),
      Timeout: 5,
      MemorySize: 128,
      Version: '$LATEST',
      State: 'Active',
      LastUpdateStatus: 'Successful',
      PackageType: 'Zip',
      CodeSha256: expect.stringMatching(/^[\w+/]{43}=$/),
      LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
      Environment: { Variables: { COLOR: 'blue' } },
    });
    expect(Configuration?.CodeSize).toBeGreaterThan(0);
    expect(Code?.Location).toMatch(/^file:/);
  });

  test('tells of a version and of an alias by their ARNs', async () => {
    const { name, arn } = shop.functionOf('Read');
    const tell = (Qualifier: string) =>
      shop.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name, Qualifier }));

    await expect(tell('live')).resolves.toMatchObject({ FunctionArn: `${arn}:live`, Version: '1' });
    await expect(tell('$LATEST')).resolves.toMatchObject({ FunctionArn: `${arn}:$LATEST`, Version: '$LATEST' });
    await expect(tell('other')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      Type: 'User',
      message: `Function not found: ${arn}:other`,
    });
    await expect(
      shop.lambda.send(new GetFunctionCommand({ FunctionName: `${name}:live`, Qualifier: '1' })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'The derived qualifier from the function name does not match the specified qualifier.',
    });
  });

  test('lists functions in pages, without their states', async () => {
    const first = await shop.lambda.send(new ListFunctionsCommand({ MaxItems: 2 }));
    const second = await shop.lambda.send(new ListFunctionsCommand({ MaxItems: 2, Marker: first.NextMarker }));
    const { Functions: versions = [] } = await shop.lambda.send(new ListFunctionsCommand({ FunctionVersion: 'ALL' }));

    const found = [...(first.Functions ?? []), ...(second.Functions ?? [])];
    expect(found.map(({ FunctionArn }) => FunctionArn)).toEqual(shop.application.functions.map(({ arn }) => arn));
    expect(first.Functions).toHaveLength(2);
    expect(second.NextMarker).toBeUndefined();
    expect(found.every(({ State }) => State === undefined)).toBe(true);
    expect(versions.map(({ FunctionArn }) => FunctionArn)).toContain(`${shop.functionOf('Read').arn}:1`);
  });

  test('refuses a page that nobody may ask for', async () => {
    await expect(shop.lambda.send(new ListFunctionsCommand({ MaxItems: 0 }))).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1",
    });
    await expect(shop.lambda.send(new ListFunctionsCommand({ MaxItems: 10_001 }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(shop.lambda.send(new ListFunctionsCommand({ Marker: 'elsewhere' }))).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
  });

  test('permits a function what its role grants, before anything else is looked at', async () => {
    const [read, work] = [await shop.mappingOf('Read'), await shop.mappingOf('Work')];
    const get = (FunctionName: string) => shop.ask({ command: 'GetFunctionCommand', input: { FunctionName } });
    const touch = (UUID = '') =>
      shop.ask({ command: 'UpdateEventSourceMappingCommand', input: { UUID, BatchSize: 9 } });

    await expect(get(shop.functionOf('Work').name)).resolves.toBe('done');
    await expect(get(shop.functionOf('Read').name)).resolves.toMatch(
      /^AccessDeniedException User: .* is not authorized to perform: lambda:GetFunction on resource: arn:aws:lambda:/,
    );
    await expect(get('missing')).resolves.toMatch(/^AccessDeniedException /);
    await expect(touch(work.UUID)).resolves.toBe('done');
    await expect(touch(read.UUID)).resolves.toMatch(/^AccessDeniedException /);
    await expect(shop.ask({ command: 'ListFunctionsCommand', input: {} })).resolves.toMatch(
      /lambda:ListFunctions on resource: \* because/,
    );
  });

  test('judges an invocation of a version by the ARN of the version', async () => {
    const FunctionName = shop.functionOf('Work').name;
    const invoke = (more: object) =>
      shop.ask({ command: 'InvokeCommand', input: { FunctionName, Payload: '{"Records":[]}', ...more } });

    await expect(invoke({})).resolves.toBe('done');
    await expect(invoke({ Qualifier: '$LATEST' })).resolves.toMatch(
      /^AccessDeniedException .* lambda:InvokeFunction on resource: \S+:\$LATEST because/,
    );
  });
});
