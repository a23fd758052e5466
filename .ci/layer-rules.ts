import type { IForbiddenRuleType } from 'dependency-cruiser'

/** Tests, benchmarks and developers' tools may build whatever they need. */
const tests = '\\.test\\.ts$|^(test|bench|tools)/'
const adapters = '^src/(streams|ledger|signing|egress|embedded)/'

/** Only these folders import the package; all other code goes through them. */
const only = (pack: string, folders: string, why: string): IForbiddenRuleType => ({
  name: `${pack}-has-one-home`,
  comment: why,
  severity: 'error',
  from: { pathNot: `${folders}|${tests}` },
  to: { path: `node_modules/${pack}/` },
})

/** The layers of the project. Each rule states its reason. */
export const forbidden: IForbiddenRuleType[] = [
  {
    name: 'domain-imports-domain-only',
    comment:
      'Values and rules outlive the techniques around them. A schema is one of these: a value’s bounds and its type in one place.',
    severity: 'error',
    from: { path: '^src/domain/', pathNot: tests },
    to: { pathNot: '^src/domain/|node_modules/typebox/' },
  },
  {
    name: 'actors-import-domain-kit-and-protocols',
    comment: 'An actor decides. It reaches the outside world through ports, and other actors through their protocol.',
    severity: 'error',
    from: { path: '^actors/([^/]+)/', pathNot: tests },
    to: {
      path: '^(src|actors|config|observability)/',
      pathNot: '^src/domain/|^actors/kit/|^actors/$1/|^actors/[^/]+/protocol\\.ts$',
    },
  },
  {
    name: 'adapters-import-domain-and-names',
    comment:
      'An adapter touches one piece of the outside world and knows no other part. The service wires them together.',
    severity: 'error',
    from: { path: adapters, pathNot: tests },
    to: { path: '^(src|actors)/', pathNot: '^src/domain/|^src/$1/' },
  },
  {
    name: 'edge-imports-no-actor-and-no-job',
    comment: 'The API role runs without actors and jobs. What both sides know is in the domain.',
    severity: 'error',
    from: { path: '^src/(api|intake)/', pathNot: tests },
    to: { path: '^actors/|^src/(jobs|sending)/' },
  },
  {
    name: 'service-needs-no-development-package',
    comment: 'The image is built with --omit=dev.',
    severity: 'error',
    from: { path: '^(src|actors|config|observability)/', pathNot: tests },
    to: { dependencyTypes: ['npm-dev'] },
  },
  {
    name: 'service-needs-no-test-code',
    comment: 'Code that serves customers does not depend on code that serves tests.',
    severity: 'error',
    from: { path: '^(src|actors|config|observability)/', pathNot: tests },
    to: { path: `${tests}|^(examples|\\.ci)/`, pathNot: '^tools/' },
  },
  {
    name: 'tools-serve-developers',
    comment:
      'Customers run the service without tools/. An embedded start downloads servers; `doorbell` has verbs for developers.',
    severity: 'error',
    from: {
      path: '^(src|actors|config|observability)/',
      pathNot: `${tests}|^src/embedded/find-servers\\.ts$|^src/cli/doorbell\\.ts$`,
    },
    to: { path: '^tools/' },
  },
  {
    name: 'tools-are-imported-dynamically',
    comment: 'The image has no tools/, so they are imported when they are needed.',
    severity: 'error',
    from: { path: '^(src|actors|config|observability)/', pathNot: tests },
    to: { path: '^tools/', dynamic: false, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'only-the-service-wires-adapters',
    comment:
      'Other code gets an adapter as a parameter, so that one folder shows how the service is built. Backup and CLI are programs of their own.',
    severity: 'error',
    from: { pathNot: `^src/(service|jobs|backup|cli)/|${adapters}|${tests}|^examples/` },
    to: { path: adapters },
  },
  {
    name: 'jobs-know-adapters-by-type',
    comment: 'A job states which methods of a store it needs, and the service gives it the store.',
    severity: 'error',
    from: { path: '^src/jobs/', pathNot: tests },
    to: { path: adapters, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'nothing-imports-the-wiring',
    comment: 'The wiring stands on top. A part that imported it would know all other parts.',
    severity: 'error',
    from: { pathNot: `^src/service/|^src/main\\.ts$|${tests}|^examples/` },
    to: { path: '^src/service/' },
  },
  {
    name: 'main-starts-and-stops',
    comment: 'What is started, and how, is decided in the wiring.',
    severity: 'error',
    from: { path: '^src/main\\.ts$' },
    to: { path: '^(src|actors)/', pathNot: '^src/service/' },
  },
  {
    name: 'receiver-stands-alone',
    comment: 'The receiver kit is copied into customers’ applications.',
    severity: 'error',
    from: { path: '^src/receiver/', pathNot: tests },
    to: { path: '^(src|actors|config|observability)/', pathNot: '^src/receiver/' },
  },
  {
    name: 'page-stands-alone',
    comment:
      'The page runs in a browser. It takes only types from the API, and those are stripped before it is served.',
    severity: 'error',
    from: { path: '^src/portal/page/', pathNot: tests },
    to: {
      path: '^(src|actors|config|observability)/',
      pathNot: '^src/portal/page/',
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'page-is-served',
    comment: 'The service serves the page and runs none of it.',
    severity: 'error',
    from: { pathNot: `^src/portal/page/|${tests}` },
    to: { path: '^src/portal/page/' },
  },
  {
    name: 'api-and-page-stand-side-by-side',
    comment: 'The wiring mounts both on one server. Both serve files with src/assets, which knows neither.',
    severity: 'error',
    from: { path: '^src/(api|assets)/', pathNot: tests },
    to: { path: '^src/portal/' },
  },
  {
    name: 'assets-stand-alone',
    comment: 'Serving files does not depend on what the files are.',
    severity: 'error',
    from: { path: '^src/assets/', pathNot: tests },
    to: { path: '^(src|actors|config|observability)/', pathNot: '^src/assets/' },
  },
  {
    name: 'only-the-service-runs-the-api',
    comment: 'Other code calls the API over HTTP or takes its types. One folder gives the API what it needs.',
    severity: 'error',
    from: { pathNot: `^src/(api|service)/|${tests}` },
    to: { path: '^src/api/', dependencyTypesNot: ['type-only'] },
  },
  only('(nats|@nats-io)', '^src/streams/', 'The streams can be replaced in one folder.'),
  only(
    'mongodb',
    '^src/ledger/|^src/embedded/mongod\\.ts$',
    'The ledger can be replaced in one folder; the embedded mongod is made a replica set.',
  ),
  only('(koa|@koa)', '^src/(api|portal|assets)/|^examples/', 'HTTP stays at the edge.'),
  only(
    'jose',
    '^src/(signing|receiver)/|^examples/receivers/',
    'Cryptography is reviewed in one folder, and in the receiver kit.',
  ),
  only('undici', '^src/egress/', 'All outgoing requests pass the address guard.'),
  {
    name: 'no-cycles',
    comment: 'Files that import each other in a circle are one module.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-orphans',
    comment: 'A file that no other imports is dead, unless a program starts there.',
    severity: 'error',
    from: {
      orphan: true,
      pathNot: `${tests}|^src/(main|receiver/index|portal/page/(render|theme/first-theme))\\.ts$|^examples/|^observability/register\\.ts$|^config/node-version\\.mjs$`,
    },
    to: {},
  },
]
