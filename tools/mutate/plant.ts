import { stripTypeScriptTypes } from 'node:module'
import { type AnyNode, type Expression, type Node, parse } from 'acorn'
import { ancestor } from 'acorn-walk'

/** One planted fault: the text between two offsets of the source is replaced. */
export interface Mutant {
  readonly kind: string
  readonly start: number
  readonly end: number
  readonly text: string
}

const comparisons: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
}
const arithmetic: Readonly<Record<string, string>> = { '+': '-', '-': '+', '*': '/', '/': '*', '%': '*' }
const logical: Readonly<Record<string, string>> = { '&&': '||', '||': '&&' }
const methods: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  min: 'max',
  max: 'min',
  startsWith: 'endsWith',
  floor: 'ceil',
  ceil: 'floor',
  mergeMap: 'exhaustMap',
  concatMap: 'mergeMap',
  insertOne: 'findOne',
}
const operators: Readonly<Record<string, string>> = {
  $lt: '$lte',
  $lte: '$lt',
  $gt: '$gte',
  $gte: '$gt',
  $in: '$nin',
  $nin: '$in',
  $ne: '$eq',
  $set: '$setOnInsert',
  $setOnInsert: '$set',
  $unset: '$setOnInsert',
  $inc: '$set',
  $exists: '$ne',
}

/** Texts for people: no behaviour depends on them. */
const isProse = (name: string) =>
  [
    'description',
    'summary',
    'title',
    'doc',
    'detail',
    'message',
    'help',
    'fix',
    'examples',
    'example',
    'words',
  ].includes(name)

const nameOf = (key: Expression | AnyNode): string =>
  key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : ''

const isText = (node: Node): boolean => {
  const any = node as AnyNode
  if (any.type === 'TemplateLiteral') return true
  if (any.type === 'BinaryExpression' && any.operator === '+') return isText(any.left) || isText(any.right)
  return any.type === 'Literal' && typeof any.value === 'string'
}

/**
 * All faults that can be planted in a source file: conditions negated, comparisons off by one, constants doubled, `await` and steps left
 * out, a property of a filter or an argument forgotten, an operator of the query language replaced.
 */
export const mutantsOf = (source: string): readonly Mutant[] => {
  // Types become blanks, so offsets are those of the source.
  const program = parse(stripTypeScriptTypes(source), { ecmaVersion: 'latest', sourceType: 'module' })
  const found: Mutant[] = []
  const plant = (kind: string, node: { start: number; end: number }, text: string) =>
    void found.push({ kind, start: node.start, end: node.end, text })
  const textOf = (node: { start: number; end: number }) => source.slice(node.start, node.end)
  const negate = (test: Node) => plant('condition negated', test, `!(${textOf(test)})`)
  /** Leaves out one of several things between commas. */
  const leaveOut = (kind: string, list: readonly (Node | null)[], index: number) => {
    const [node, next, previous] = [list[index], list[index + 1], list[index - 1]]
    if (!node) return
    if (next) plant(kind, { start: node.start, end: next.start }, '')
    else if (previous) plant(kind, { start: previous.end, end: node.end }, '')
    else plant(kind, node, '')
  }

  ancestor(program, {
    IfStatement: node => negate(node.test),
    WhileStatement: node => plant('condition negated', node.test, 'false'),
    ConditionalExpression: node => negate(node.test),
    BinaryExpression: (node, _state, ancestors) => {
      const between = { start: node.left.end, end: node.right.start }
      const other = comparisons[node.operator] ?? (isText(node) ? undefined : arithmetic[node.operator])
      const parent = ancestors.at(-2)
      // A negated condition is planted already where the comparison is all of it.
      const isWhole =
        (parent?.type === 'IfStatement' || parent?.type === 'ConditionalExpression') &&
        (parent as unknown as { test: Node }).test === node
      const isEquality = node.operator === '===' || node.operator === '!=='
      if (other !== undefined && !(isWhole && isEquality))
        plant(
          node.operator in comparisons ? 'comparison' : 'arithmetic',
          between,
          source.slice(between.start, between.end).replace(node.operator, () => other),
        )
    },
    LogicalExpression: node => {
      const other = logical[node.operator]
      if (other !== undefined) {
        plant('logical', node, `(${textOf(node.left)}) ${other} (${textOf(node.right)})`)
      } else plant('default only', node, `(${textOf(node.right)})`)
    },
    UnaryExpression: node => {
      if (node.operator === '!') plant('condition negated', node, `!!(${textOf(node.argument)})`)
    },
    Literal: node => {
      if (typeof node.value === 'number') {
        const number = textOf(node)
        plant('constant doubled', node, node.value === 0 ? '1' : `(${number} * 2)`)
      } else if (typeof node.value === 'boolean') plant('constant flipped', node, String(!node.value))
    },
    AwaitExpression: node => plant('await dropped', node, `(${textOf(node.argument)})`),
    ExpressionStatement: node => {
      const { expression } = node
      if (expression.type !== 'Literal') plant('step left out', node, ';')
    },
    ReturnStatement: (node, _state, ancestors) => {
      // An early return is left out; a last one would not type-check.
      const block = ancestors.at(-2)
      if (node.argument && block?.type !== 'IfStatement') return
      if (!node.argument) plant('early return left out', node, ';')
    },
    ObjectExpression: node =>
      node.properties.forEach((property, index) => {
        if (property.type === 'SpreadElement') return leaveOut('property left out', node.properties, index)
        const name = nameOf(property.key)
        const other = operators[name]
        if (other !== undefined) return plant('query operator', property.key, other)
        if (!isProse(name) && property.kind === 'init' && !property.method)
          leaveOut('property left out', node.properties, index)
      }),
    CallExpression: node => {
      const { callee } = node
      if (callee.type === 'MemberExpression' && callee.property.type === 'Identifier') {
        const other = methods[callee.property.name]
        if (other !== undefined) plant('method', callee.property, other)
        if (['filter', 'sort', 'toSorted', 'slice', 'toReversed'].includes(callee.property.name))
          plant('call left out', node, textOf(callee.object))
      }
      const isPipe = callee.type === 'MemberExpression' && nameOf(callee.property) === 'pipe'
      if (isPipe && node.arguments.length > 1)
        node.arguments.forEach((_, index) => leaveOut('operator left out', node.arguments, index))
      else if (node.arguments.length > 1) leaveOut('argument not passed on', node.arguments, node.arguments.length - 1)
    },
    ArrayExpression: node => {
      if (node.elements.length > 1) leaveOut('element left out', node.elements, node.elements.length - 1)
    },
  })
  return found.toSorted((a, b) => a.start - b.start)
}

/** The source with the fault in it. */
export const planted = (source: string, mutant: Mutant): string =>
  source.slice(0, mutant.start) + mutant.text + source.slice(mutant.end)
