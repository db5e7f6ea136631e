// The house rules as a Redocly plugin: each is a generator that is given the document and its file, and yields
// {path, message}.
import { errorNamedByMeaning, errorRemedy, errorShared } from './errors.js';
import { bounds, enumMeaning, fieldDescription, nullableSaysWhen, timeUnit } from './fields.js';
import { operationKeyOrder, operationVerb, summarySentenceCase } from './operations.js';
import { conditionHasRule, ruleIdKnown } from './rule-ids.js';

const houseRule = (check) => () => ({
  Root(document, { location, report }) {
    for (const { path, message } of check(document, location.source.absoluteRef)) {
      report({ message, location: location.child(path) });
    }
  },
});

export default () => ({
  id: 'house',
  rules: {
    oas3: {
      'operation-key-order': houseRule(operationKeyOrder),
      'operation-verb': houseRule(operationVerb),
      'summary-sentence-case': houseRule(summarySentenceCase),
      'field-description': houseRule(fieldDescription),
      'time-unit': houseRule(timeUnit),
      'nullable-says-when': houseRule(nullableSaysWhen),
      bounds: houseRule(bounds),
      'enum-meaning': houseRule(enumMeaning),
      'error-shared': houseRule(errorShared),
      'error-named-by-meaning': houseRule(errorNamedByMeaning),
      'error-remedy': houseRule(errorRemedy),
      'rule-id-known': houseRule(ruleIdKnown),
      'condition-has-rule': houseRule(conditionHasRule),
    },
  },
});
