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
