import { operations } from './walk.js';

const KEYS = ['operationId', 'summary', 'description', 'tags', 'security', 'parameters', 'requestBody', 'responses', 'callbacks'];
const VERBS = {
  get: ['get', 'list'],
  post: ['create', 'start', 'receive'],
  put: ['replace'],
  patch: ['update'],
  delete: ['delete'],
};
const ABBREVIATIONS = ['API', 'JSON', 'UTC', 'ID'];

/** The keys of every operation stand in one order. */
export function* operationKeyOrder(document) {
  for (const { operation, path } of operations(document)) {
    const keys = Object.keys(operation).filter((key) => !key.startsWith('x-'));
    const wanted = KEYS.filter((key) => keys.includes(key));
    const wrong = keys.findIndex((key, index) => key !== wanted[index]);
    if (wrong >= 0) {
      yield {
        path: [...path, keys[wrong]],
        message: `\`${keys[wrong]}\` stands where \`${wanted[wrong] ?? 'no other key'}\` belongs. Right: ${wanted.join(', ')}.`,
      };
    }
  }
}

/** An operation is named and summed up by a verb that its method allows. */
export function* operationVerb(document) {
  for (const { operation, method, path } of operations(document)) {
    const verbs = VERBS[method] ?? [];
    const [verb] = /^[a-z]+/.exec(operation.operationId ?? '') ?? [''];
    const [word] = (operation.summary ?? '').toLowerCase().split(' ');
    const noun = (operation.operationId ?? '').slice(verb.length);
    if (!verbs.includes(verb) || !/^[A-Z][A-Za-z]+(V[0-9]+)?$/.test(noun)) {
      yield {
        path: [...path, 'operationId'],
        message: `An operationId must be a verb for ${method.toUpperCase()} (${verbs.join(', ')}) and a noun. Right: \`operationId: ${verbs[0] ?? 'get'}Session\`.`,
      };
    } else if (word !== verb) {
      yield {
        path: [...path, 'summary'],
        message: `The summary must begin with the verb of the operationId. Right: \`operationId: ${verb}${noun}\`, \`summary: ${verb[0].toUpperCase()}${verb.slice(1)} a ...\`.`,
      };
    }
  }
}

/** Summaries are in sentence case, without a full stop. The document's title begins with the service's name. */
export function* summarySentenceCase(document) {
  const [service] = String(document.info?.title ?? '').split(' ');
  const names = new Set([...ABBREVIATIONS, service]);
  for (const { operation, path } of operations(document)) {
    const [first = '', ...others] = (operation.summary ?? '').split(' ');
    const titled = others.find((word) => /^[A-Z]/.test(word) && !names.has(word));
    if (!/^[A-Z]/.test(first) || titled || /[.!]$/.test(operation.summary)) {
      yield {
        path: [...path, 'summary'],
        message: 'A summary must have one capital, at its start, and no full stop. Right: `summary: Get a single session`.',
      };
    }
  }
}
