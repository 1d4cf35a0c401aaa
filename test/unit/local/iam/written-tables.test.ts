import { writtenTables } from '../../../../local/iam/written-tables.ts';

const requestOf = (operation: string, body: string) => ({
  bytes: Buffer.alloc(0),
  body: Buffer.from(body),
  authorization: undefined,
  target: `DynamoDB_20120810.${operation}`,
});

describe('the tables that a request writes to', () => {
  it.each([
    ['PutItem', { TableName: 'a' }, ['a']],
    ['UpdateItem', { TableName: 'arn:aws:dynamodb:us-east-1:000000000000:table/a' }, ['a']],
    ['DeleteItem', { TableName: 'a' }, ['a']],
    ['BatchWriteItem', { RequestItems: { a: [], b: [] } }, ['a', 'b']],
    [
      'TransactWriteItems',
      { TransactItems: [{ Put: { TableName: 'a' } }, { ConditionCheck: { TableName: 'b' } }] },
      ['a', 'b'],
    ],
    ['GetItem', { TableName: 'a' }, []],
    ['Query', { TableName: 'a' }, []],
    ['constructor', { TableName: 'a' }, []],
    ['PutItem', {}, []],
    ['ExecuteStatement', { Statement: 'DELETE FROM a' }, 'any'],
  ])('of %s with %j are %j', (operation, input, tables) => {
    expect(writtenTables(requestOf(operation, JSON.stringify(input)))).toEqual(tables);
  });

  it('are none where the body is no JSON', () => {
    expect(writtenTables(requestOf('PutItem', '{'))).toEqual([]);
  });
});
