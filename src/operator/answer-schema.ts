/**
 * What an operation answers, as JSON Schema and as a type: the function that makes the facts returns the type, and the API publishes the
 * schema. So neither can leave the other behind.
 */
import { type TProperties, type TSchema, Type } from 'typebox';
import type { Micros } from '../money/micros';

const told = (description: string | undefined) => (description === undefined ? {} : { description });

/** An exact amount. In code millionths, in an answer a decimal text. */
export const amountFact = (description?: string) =>
  Type.Unsafe<Micros>(Type.String({ pattern: '^-?[0-9]+\\.[0-9]{2,6}$', ...told(description) }));

/** An instant. In code a Date, in an answer ISO 8601 in UTC. */
export const instantFact = (description?: string) =>
  Type.Unsafe<Date>(Type.String({ format: 'date-time', ...told(description) }));

/** A calendar day, `2026-12-31`. */
export const dayFact = (description?: string) => Type.String({ format: 'date', ...told(description) });

export const wholeFact = (description?: string) => Type.Integer(told(description));

/** A measured number, which may have decimals. Never money. */
export const numberFact = (description?: string) => Type.Number(told(description));

export const textFact = (description?: string) => Type.String(told(description));

/** One of a few words. */
export const wordFact = <Word extends string>(words: readonly Word[], description?: string) =>
  Type.Unsafe<Word>(Type.String({ enum: [...words], ...told(description) }));

export const flagFact = (description?: string) => Type.Boolean(told(description));

export const listFact = <Item extends TSchema>(item: Item, description?: string) => Type.Array(item, told(description));

/** Facts whose names are known only when they are written, such as those of an event. */
export const anyFacts = (description?: string) => Type.Record(Type.String(), Type.Unknown(), told(description));

/** A fact that may be missing: null. */
export const orNull = <Fact extends TSchema>(fact: Fact) =>
  Type.Union([fact, Type.Null()], told((fact as { description?: string }).description));

/** The facts of one thing, and no others. `name`: what the API's document and its clients call it; it stays, because clients write it. */
export const factsOf = <Properties extends TProperties>(name: string, properties: Properties) =>
  Type.Object(properties, { title: name, additionalProperties: false });
