import type { SettableField, Subscription } from '../../../../api/shapes.ts'
import type { SettingsDraft } from './draft.ts'
import { emptyEndpoint, endpointModel } from './endpoint.ts'
import { emptyEvents, eventsModel } from './events.ts'
import { emptyPace, paceModel } from './pace.ts'
import { emptyRequest, requestModel } from './request.ts'
import { emptyRetry, retryModel } from './retry.ts'
import { Faults, type SettingModels, type Settings } from './setting.ts'

/** Every settable field: tsc reports one that no model handles. */
const model: SettingModels<SettableField> = {
  ...endpointModel,
  ...eventsModel,
  ...retryModel,
  ...paceModel,
  ...requestModel,
}

const fields = Object.keys(model) as readonly SettableField[]

/** The draft of a new subscription. */
export const emptyDraft: SettingsDraft = {
  ...emptyEndpoint,
  ...emptyEvents,
  ...emptyRetry,
  ...emptyPace,
  ...emptyRequest,
}

/** The draft that shows these settings. */
export const draftOf = (settings: Settings): SettingsDraft =>
  Object.assign({}, emptyDraft, ...fields.map(field => model[field].toDraft(settings[field] as never)))

/** The settings that a draft stands for, and what in it has no meaning, by JSON Pointer. */
export const readDraft = (draft: SettingsDraft): { settings: Settings; faults: ReadonlyMap<string, string> } => {
  const faults = new Faults()
  const values = fields.map(field => [field, model[field].fromDraft(draft, faults)] as const)
  const settings = Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Settings
  return { settings, faults: faults.byPointer }
}

/** The settings of a stored subscription, in the form in which two can be compared. */
export const settingsOf = (subscription: Subscription): Settings => readDraft(draftOf(subscription)).settings

/** The fields that differ. */
export const changedIn = (before: Settings, after: Settings): readonly SettableField[] =>
  fields.filter(field => JSON.stringify(sorted(before[field])) !== JSON.stringify(sorted(after[field])))

/** The name of a field in a sentence. */
export const nameOf = (field: SettableField): string => model[field].name

/** A JSON merge patch (RFC 7396) that turns `before` into `after`. */
export const patchOf = (before: Settings, after: Settings): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    changedIn(before, after).map(field => {
      const value = after[field]
      if (value === undefined) return [field, null]
      return [
        field,
        field === 'filter' || field === 'headers' ? withRemoved(before[field] ?? {}, value as object) : value,
      ]
    }),
  )

/** The settings of another person with one’s own changes applied to them. */
export const rebased = (base: Settings, mine: Settings, theirs: Settings): Settings => {
  const result: Record<string, unknown> = { ...theirs }
  for (const field of changedIn(base, mine))
    if (mine[field] === undefined) delete result[field]
    else result[field] = mine[field]
  return result
}

const withRemoved = (before: object, after: object) => ({
  ...Object.fromEntries(Object.keys(before).map(name => [name, null])),
  ...after,
})

/** The order of an object’s names has no meaning, so a comparison must not depend on it. */
const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    : value
