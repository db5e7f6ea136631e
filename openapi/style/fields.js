import { resolved, schemas, types } from './walk.js';

const DURATION = /(^|[_-])(time|duration|latency|start|end|after|timeout)([_-]|$)/;
const UNIT = /\b(milliseconds?|seconds?|minutes?|hours?)\b/i;
const NULL_WHEN = /\bnull\b[^.]*\b(when|while|where|until|unless|if|before|in|for|without|with)\b/i;

const isNumeric = (allowed) => allowed.has('number') || allowed.has('integer');

/** The words that a reader finds at a field: those at the field, then those at the schema it refers to. */
const words = (document, site) => [site.description, resolved(document, site.schema)?.description].filter(Boolean).join(' ');

/** Every field and every named schema has a description. */
export function* fieldDescription(document) {
  for (const site of schemas(document)) {
    const named = site.path.length === 3 && site.path[1] === 'schemas';
    if (site.partial || (site.field === null && !named) || site.description) continue;
    yield {
      path: site.path,
      message: `\`${site.field ?? site.path.at(-1)}\` has no description of its own. Right: \`description: Seconds in REM sleep. Null in a two-stage contract.\``,
    };
  }
}

/** A number that measures time names its unit. */
export function* timeUnit(document) {
  for (const site of schemas(document)) {
    if (site.partial || site.field === null || !DURATION.test(site.field)) continue;
    if (!isNumeric(types(document, site.schema)) || UNIT.test(words(document, site))) continue;
    yield {
      path: site.path,
      message: `\`${site.field}\` is a time as a number: its description must name the unit. Right: \`description: Seconds from the start to the end of the recording.\``,
    };
  }
}

/** A field that may be null says when it is. */
export function* nullableSaysWhen(document) {
  for (const site of schemas(document)) {
    if (site.partial || site.field === null || !types(document, site.schema).has('null')) continue;
    if (NULL_WHEN.test(site.description ?? '')) continue;
    yield {
      path: site.path,
      message: `\`${site.field}\` may be null: its description must say when. Right: \`description: When the recording ended. Null while the session is OPEN.\``,
    };
  }
}

/** Strings, arrays and numbers are bounded, because generated data is blind where they are not. */
export function* bounds(document) {
  for (const { schema, path, field, partial } of schemas(document)) {
    if (partial || 'enum' in schema || 'const' in schema || '$ref' in schema) continue;
    const allowed = new Set([schema.type ?? []].flat());
    const missing = [];
    if (allowed.has('string') && !['format', 'pattern', 'maxLength'].some((key) => key in schema)) missing.push('`maxLength: 200`');
    if (allowed.has('array') && !('maxItems' in schema)) missing.push('`maxItems: 40`');
    if (isNumeric(allowed) && !('minimum' in schema || 'exclusiveMinimum' in schema)) missing.push('`minimum: 0`');
    if (isNumeric(allowed) && !('maximum' in schema || 'exclusiveMaximum' in schema)) missing.push('`maximum: 604800`');
    if (missing.length > 0) {
      yield { path, message: `\`${field ?? path.at(-1)}\` is unbounded. Right, for example: ${missing.join(' and ')}.` };
    }
  }
}

/** Each value of an enumeration has a meaning. */
export function* enumMeaning(document) {
  for (const { schema, path, field, partial } of schemas(document)) {
    if (partial || !Array.isArray(schema.enum)) continue;
    const missing = schema.enum.filter((value) => typeof schema['x-enumDescriptions']?.[value] !== 'string');
    if (missing.length === 0) continue;
    yield {
      path: [...path, 'enum'],
      message: `\`${field ?? path.at(-1)}\` does not say what ${missing.join(', ')} means. Right: \`x-enumDescriptions: {"0": Awake.}\`, with each value.`,
    };
  }
}
