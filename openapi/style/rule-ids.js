import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { schemas } from './walk.js';

const HERE = new URL('../rules/', import.meta.url);

/** The catalogue beside a document; for a document without one, those of the project's documents together. */
function catalogues(file) {
  const beside = file.replace(/([^/\\]+)$/, 'rules/$1');
  return existsSync(beside) ? [beside] : readdirSync(HERE).map((name) => new URL(name, HERE));
}

/** An `x-rule` is an id of the document's catalogue, or, on a schema that groups share, what follows the group in one. */
export function* ruleIdKnown(document, file) {
  const groups = catalogues(file).flatMap((catalogue) => Object.values(parse(readFileSync(catalogue, 'utf8')).groups));
  const ids = groups.flatMap(({ rules }) => rules.map(({ id }) => id));
  const known = new Set(ids.flatMap((id) => [id, id.slice(id.indexOf('.') + 1)]));
  for (const { schema, path } of schemas(document)) {
    for (const key of ['x-rule', 'x-null-rule'].filter((each) => each in schema && !known.has(schema[each]))) {
      yield {
        path: [...path, key],
        message: `\`${JSON.stringify(schema[key])}\` is not a rule of the catalogue, rules/<document>.yaml. Right: \`x-rule: session.ratio-values\`.`,
      };
    }
  }
}

/** A condition (`if`, `then`) names the rule that it enforces. */
export function* conditionHasRule(document) {
  for (const { schema, path, partial } of schemas(document)) {
    if (!partial && 'if' in schema && !('x-rule' in schema && 'description' in schema && 'then' in schema)) {
      yield {
        path,
        message: 'A condition must be an entry of `allOf` with the rule that it enforces. Right: `- x-rule: session.end-time-null-while-open`, `description`, `if`, `then`.',
      };
    }
  }
}
