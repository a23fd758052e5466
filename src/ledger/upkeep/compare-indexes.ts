import { isDeepStrictEqual } from 'node:util'
import type { IndexDescription, IndexDescriptionInfo } from 'mongodb'
import { indexes } from '../indexes.ts'
import type { CollectionName } from '../validators.ts'
import type { Finding, Repair } from './finding.ts'
import { carriesEvents } from './needed.ts'

type Found = readonly IndexDescriptionInfo[]

/**
 * Compares the indexes of a collection with those that are needed. Their names do not matter. An operator's own index stays, unless it is unique:
 * it would refuse documents.
 */
export const compareIndexes = (name: CollectionName, all: Found): Finding[] => {
  const found = all.filter(index => index.name !== '_id_')
  const wanted = indexes[name]
  const differing = wanted.flatMap(index => {
    const finding = differenceOf(name, index, found)
    return finding === null ? [] : [finding]
  })
  const handled = new Set(differing.flatMap(({ repairs }) => repairs.flatMap(namesIn)))
  const isWanted = (index: IndexDescriptionInfo) =>
    wanted.some(each => hasKey(index, each.key) && firstDifference(index, each) === null)
  const others = found.filter(index => refuses(index) && !isWanted(index) && !handled.has(index.name ?? ''))
  return [...differing, ...others.map(index => foreignUnique(name, index))]
}

/** The existing indexes that a repair changes or drops. */
const namesIn = (repair: Repair): readonly string[] => {
  if (repair.type === 'index') return repair.drop
  return repair.type === 'alter' || repair.type === 'drop' ? [repair.index] : []
}

const differenceOf = (name: CollectionName, wanted: IndexDescription, found: Found): Finding | null => {
  const same = found.filter(index => hasKey(index, wanted.key))
  if (same.some(index => firstDifference(index, wanted) === null)) return null
  const alterable = same.find(index => firstDifference({ ...index, ...alterations(wanted) }, wanted) === null)
  const [other] = same
  return {
    object: `index ${nameOf(wanted)} of ${name}`,
    difference: other === undefined ? 'is missing' : (firstDifference(alterable ?? other, wanted) ?? ''),
    promise: promiseOf(name, wanted),
    remedy: 'Nothing has to be done.',
    refusesEvents: false,
    repairs: [
      alterable === undefined
        ? createIndex(name, wanted, found)
        : { type: 'alter', collection: name, index: alterable.name ?? '', change: alterations(wanted) },
    ],
  }
}

/** What MongoDB can change of an index without building it again. */
const alterations = ({ expireAfterSeconds }: IndexDescription) =>
  expireAfterSeconds === undefined ? { hidden: false as const } : { hidden: false as const, expireAfterSeconds }

const createIndex = (collection: CollectionName, wanted: IndexDescription, found: Found): Repair => {
  const drop = found.filter(index => hasKey(index, wanted.key)).flatMap(({ name }) => name ?? [])
  const isTaken = found.some(({ name = '' }) => name === nameOf(wanted) && !drop.includes(name))
  const index = isTaken ? { ...wanted, name: `doorbell_${nameOf(wanted)}` } : wanted
  return { type: 'index', collection, index, drop }
}

/** Two keys are the same only in the same order. */
const hasKey = (index: IndexDescriptionInfo, key: IndexDescription['key']): boolean =>
  isDeepStrictEqual(Object.entries(index.key), Object.entries(key))

const refuses = (index: IndexDescriptionInfo): boolean =>
  index.unique === true || (index as { prepareUnique?: boolean }).prepareUnique === true

const options = ['unique', 'sparse', 'hidden', 'expireAfterSeconds', 'partialFilterExpression', 'collation'] as const

const firstDifference = (found: IndexDescriptionInfo, wanted: IndexDescription): string | null => {
  for (const option of options) {
    // `false` is the same as unset.
    const [is, must] = [found[option] || undefined, wanted[option] || undefined]
    if (option === 'expireAfterSeconds' ? found[option] !== wanted[option] : !isDeepStrictEqual(is, must))
      return describe(option, found[option], wanted[option])
  }
  return null
}

const describe = (option: (typeof options)[number], is: unknown, must: unknown): string => {
  if (option === 'hidden') return 'is hidden'
  if (option === 'partialFilterExpression' || option === 'collation') return `has another ${option}`
  return `${option} is ${shown(is)}, not ${shown(must)}`
}

/** What stands there may be anything that a person wrote. */
const shown = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'unset'

const promiseOf = (name: CollectionName, { unique, expireAfterSeconds }: IndexDescription): string => {
  if (expireAfterSeconds !== undefined) return `Documents of ${name} may stay when their time is over.`
  if (unique === true) return `MongoDB does not refuse a second document of ${name} with the same key.`
  return `Queries read all of ${name}, which delays every tenant.`
}

const foreignUnique = (name: CollectionName, index: IndexDescriptionInfo): Finding => ({
  object: `index ${index.name ?? ''} of ${name}`,
  difference: 'is unique, and not one of Doorbell’s',
  promise: `It refuses documents of ${name}${carriesEvents(name) ? ', and their events are not delivered' : ''}.`,
  remedy: `Doorbell drops it. If you need it, create it without \`unique\`.`,
  refusesEvents: carriesEvents(name),
  repairs: [{ type: 'drop', collection: name, index: index.name ?? '' }],
})

/** The name that MongoDB itself gives to an index. */
export const nameOf = ({ key }: Pick<IndexDescription, 'key'>): string => Object.entries(key).flat().join('_')
