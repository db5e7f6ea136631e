// Walks an OpenAPI document as written, `$ref`s unfollowed, so that each place is visited once and webhooks like paths.

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const CONDITIONS = ['if', 'then', 'else', 'not', 'contains'];

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const entries = (value) => (isObject(value) ? Object.entries(value) : []);

/** Yields every operation of `paths` and `webhooks` with its method and its path of keys. */
export function* operations(document) {
  for (const section of ['paths', 'webhooks']) {
    for (const [name, item] of entries(document[section])) {
      for (const method of METHODS) {
        if (isObject(item?.[method])) {
          yield { operation: item[method], method, path: [section, name, method] };
        }
      }
    }
  }
}

/**
 * Yields every schema: {schema, path, field, partial}. `field` is the name of the property, parameter or header that the
 * schema stands for, or null. `partial` is true inside a condition and in a list of nulls (`x-null-rule`), where a schema
 * only names what it compares.
 */
export function* schemas(document) {
  const components = document.components ?? {};
  for (const [name, schema] of entries(components.schemas)) {
    yield* within(schema, ['components', 'schemas', name], null, 'x-null-rule' in schema);
  }
  for (const kind of ['parameters', 'headers', 'requestBodies', 'responses']) {
    for (const [name, holder] of entries(components[kind])) {
      yield* held(holder, ['components', kind, name], kind === 'headers' ? name : holder?.name ?? null);
    }
  }
  for (const { operation, path } of operations(document)) {
    for (const [index, parameter] of (operation.parameters ?? []).entries()) {
      yield* held(parameter, [...path, 'parameters', index], parameter.name ?? null);
    }
    yield* held(operation.requestBody, [...path, 'requestBody'], null);
    for (const [status, response] of entries(operation.responses)) {
      yield* held(response, [...path, 'responses', status], null);
    }
  }
}

/** Yields the schemas of a parameter, a header, a request body or a response. */
function* held(holder, path, field) {
  if (!isObject(holder)) return;
  yield* within(holder.schema, [...path, 'schema'], field, false, holder.description);
  for (const [type, media] of entries(holder.content)) {
    yield* within(media?.schema, [...path, 'content', type, 'schema'], null, false);
  }
  for (const [name, header] of entries(holder.headers)) {
    yield* held(header, [...path, 'headers', name], name);
  }
}

function* within(schema, path, field, partial, description) {
  if (!isObject(schema)) return;
  yield { schema, path, field, partial, description: schema.description ?? description };
  for (const [name, property] of entries(schema.properties)) {
    yield* within(property, [...path, 'properties', name], name, partial);
  }
  for (const keyword of ['items', 'additionalProperties', 'unevaluatedProperties']) {
    yield* within(schema[keyword], [...path, keyword], null, partial);
  }
  for (const keyword of ['allOf', 'anyOf', 'oneOf', 'prefixItems']) {
    for (const [index, member] of (schema[keyword] ?? []).entries()) {
      yield* within(member, [...path, keyword, index], null, partial);
    }
  }
  for (const keyword of CONDITIONS) {
    yield* within(schema[keyword], [...path, keyword], null, true);
  }
}

/** Follows `$ref` inside the document; undefined where it leads nowhere (another rule reports that). */
export function resolved(document, schema) {
  let value = schema;
  for (let hops = 0; isObject(value) && typeof value.$ref === 'string'; hops += 1) {
    if (!value.$ref.startsWith('#/') || hops > 100) return undefined;
    value = value.$ref
      .slice(2)
      .split('/')
      .reduce((node, key) => node?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], document);
  }
  return value;
}

/** The JSON types that a schema allows, `$ref`, `anyOf` and `oneOf` followed. */
export function types(document, schema, depth = 0) {
  const target = resolved(document, schema);
  if (!isObject(target) || depth > 20) return new Set();
  const found = new Set([target.type ?? []].flat());
  for (const member of [...(target.anyOf ?? []), ...(target.oneOf ?? [])]) {
    for (const type of types(document, member, depth + 1)) found.add(type);
  }
  return found;
}
