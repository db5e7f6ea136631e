import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { schemas } from './walk.js';

const catalogue = parse(readFileSync(new URL('../rules.yaml', import.meta.url), 'utf8'));
const KNOWN = new Set(Object.values(catalogue).flatMap((rules) => rules.map(({ id }) => id)));

/** An `x-rule` is one id of the catalogue, rules.yaml. */
export function* ruleIdKnown(document) {
  for (const { schema, path } of schemas(document)) {
    if ('x-rule' in schema && !KNOWN.has(schema['x-rule'])) {
      yield {
        path: [...path, 'x-rule'],
        message: `\`${JSON.stringify(schema['x-rule'])}\` is no id of rules.yaml. Right: \`x-rule: session.ratio-values\`.`,
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
        message: 'A condition is an entry of `allOf` with the rule it enforces. Right: `- x-rule: session.end-time-null-while-open`, `description`, `if`, `then`.',
      };
    }
  }
}
