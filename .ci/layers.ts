/** `npm run check -- layers`: checks who may import whom (see layer-rules.ts). Fails when it saw too few modules to mean anything. */
import type { Statement, VariableDeclarator } from '@swc/core'
import { Visitor } from '@swc/core/Visitor.js'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { forbidden } from './layer-rules.ts'
import { roomsInCircles } from './rooms.ts'

const leastModules = 60

// @swc/core 1.16 parses `using`, but its visitor throws on it. A `using` declares variables and imports nothing by itself.
const { visitStatement } = Visitor.prototype
Visitor.prototype.visitStatement = function (this: Visitor, statement: Statement): Statement {
  const { type, decls } = statement as { type: string; decls?: VariableDeclarator[] }
  if (type !== 'UsingDeclaration') return visitStatement.call(this, statement)
  this.visitVariableDeclarators(decls ?? [])
  return statement
}

const { output } = await cruise(
  ['src', 'actors', 'config', 'observability', 'examples', 'test', 'bench', 'tools'],
  { ruleSet: { forbidden }, validate: true, parser: 'swc', doNotFollow: { path: 'node_modules' } },
  { extensions: ['.ts', '.js', '.json'], exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
)
const { modules, summary } = output as ICruiseResult
const faults = summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`)
const circle = roomsInCircles(modules)
if (circle.length > 0) faults.push(`no-circle-of-folders: ${circle.join(', ')}`)
if (summary.totalCruised < leastModules)
  faults.push(`only ${summary.totalCruised} modules were seen: the check does not work`)
for (const fault of faults) process.stderr.write(`${fault}\n`)
process.stdout.write(`layers: ${summary.totalCruised} modules, ${faults.length} violations\n`)
process.exitCode = faults.length > 0 ? 1 : 0
