/** Whether answers are what the API's document says of them. */
import Ajv from 'ajv/dist/2020';
import { OPERATIONS } from '../../src/admin/operations';
import { answerSchema } from '../../src/http/api-answer';
import { withNamedSchemas } from '../../src/http/named-schemas';

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Every operation's answer, as it is published. */
const document = withNamedSchemas({
  $id: 'answers',
  components: {
    schemas: {},
    answers: Object.fromEntries(OPERATIONS.map(declared => [declared.name, answerSchema(declared)])),
    facts: Object.fromEntries(OPERATIONS.map(({ name, answer }) => [name, answer.schema])),
  },
});

const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addFormat('date-time', DATE_TIME);
ajv.addFormat('date', /^\d{4}-\d\d-\d\d$/);
ajv.addSchema(document);

function verdictBy(part: 'answers' | 'facts', name: string, told: unknown): string {
  const validate = ajv.getSchema(`answers#/components/${part}/${encodeURIComponent(name)}`);
  if (!validate) throw new Error(`no answer of ${name}`);
  return validate(told) ? '' : ajv.errorsText(validate.errors);
}

/** What is wrong with an operation's answer as JSON; empty for nothing. */
export const verdictOnAnswer = (name: string, told: unknown): string => verdictBy('answers', name, told);

/** What is wrong with one item of it. */
export const verdictOnFacts = (name: string, told: unknown): string => verdictBy('facts', name, told);
