import { operations } from './walk.js';

const isError = (status) => /^[45]/.test(status);

/** An error response is defined once, and operations refer to it. */
export function* errorShared(document) {
  for (const { operation, path } of operations(document)) {
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      if (isError(status) && !response?.$ref?.startsWith('#/components/responses/')) {
        yield {
          path: [...path, 'responses', status],
          message: `The ${status} is spelled out here. Right: \`$ref: "#/components/responses/SessionNotFound"\`, defined once under components.`,
        };
      }
    }
  }
}

/** A shared response is named by what it means, not by its status. */
export function* errorNamedByMeaning(document) {
  for (const name of Object.keys(document.components?.responses ?? {})) {
    if (!/^[A-Z][A-Za-z]+$/.test(name) || /^(Error|Http|Status|Response|Default)[A-Za-z]*$/.test(name)) {
      yield {
        path: ['components', 'responses', name],
        message: `\`${name}\` does not name what went wrong. Right: \`SessionNotFound\`, \`RateLimited\`.`,
      };
    }
  }
}

/** A shared error response says what to do about it. */
export function* errorRemedy(document) {
  const used = new Set();
  for (const { operation } of operations(document)) {
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      if (isError(status)) used.add(response?.$ref?.split('/').at(-1));
    }
  }
  for (const [name, response] of Object.entries(document.components?.responses ?? {})) {
    if (used.has(name) && typeof response?.['x-remedy'] !== 'string') {
      yield {
        path: ['components', 'responses', name],
        message: `\`${name}\` does not say what to do about it. Right: \`x-remedy: Check the id, and the user who created the session.\``,
      };
    }
  }
}
