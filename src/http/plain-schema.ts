/** A schema as a document shows it. Pure. */
import type { TSchema } from 'typebox';

/** The schema without what only our own check reads, such as functions. */
export const plainSchema = (field: TSchema): { description?: string; type?: string } =>
  JSON.parse(JSON.stringify(field, (name, value) => (name.startsWith('~') ? undefined : value)));
