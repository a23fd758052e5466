/** `npm run check -- layers`: checks who may import whom (see layer-rules.ts). Fails when it saw too few modules to mean anything. */
import type { Statement, VariableDeclarator } from '@swc/core'
import { Visitor } from '@swc/core/Visitor.js'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { forbidden } from './layer-rules.ts'

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
const { summary } = output as ICruiseResult
for (const { from, to, rule } of summary.violations) process.stderr.write(`${rule.name}: ${from} → ${to}\n`)
if (summary.totalCruised < leastModules)
  process.stderr.write(`only ${summary.totalCruised} modules were seen: the check does not work\n`)
process.stdout.write(`layers: ${summary.totalCruised} modules, ${summary.violations.length} violations\n`)
process.exitCode = summary.error > 0 || summary.violations.length > 0 || summary.totalCruised < leastModules ? 1 : 0
