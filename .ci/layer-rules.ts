import type { IForbiddenRuleType } from 'dependency-cruiser'

/** Tests, what they share, and measurements: they may build what they need. */
const tests = '\\.test\\.ts$|^(test|bench|tools)/|/fixtures\\.ts$'
const adapters = '^src/(streams|ledger|signing|egress|embedded)/'

/** One folder alone imports this package; everything else goes through that folder. */
const only = (pack: string, folders: string, why: string): IForbiddenRuleType => ({
  name: `${pack}-has-one-home`,
  comment: why,
  severity: 'error',
  from: { pathNot: `${folders}|${tests}` },
  to: { path: `node_modules/${pack}/` },
})

/** The layers of the project. Each rule says why it stands. */
export const forbidden: IForbiddenRuleType[] = [
  {
    name: 'domain-imports-domain-only',
    comment:
      'Values and rules outlive every technique around them. A schema is one of these: a value’s bounds and its type in one place.',
    severity: 'error',
    from: { path: '^src/domain/', pathNot: tests },
    to: { pathNot: '^src/domain/|node_modules/typebox/' },
  },
  {
    name: 'actors-import-domain-kit-and-protocols',
    comment: 'An actor decides; it reaches the world through ports and other actors through their protocol.',
    severity: 'error',
    from: { path: '^actors/([^/]+)/', pathNot: tests },
    to: {
      path: '^(src|actors|config|observability)/',
      pathNot: '^src/domain/|^actors/kit/|^actors/$1/|^actors/[^/]+/protocol\\.ts$',
    },
  },
  {
    name: 'adapters-import-domain-and-names',
    comment: 'An adapter touches one piece of the world and knows no other part; main wires them together.',
    severity: 'error',
    from: { path: adapters, pathNot: tests },
    to: { path: '^(src|actors)/', pathNot: '^src/domain/|^src/$1/' },
  },
  {
    name: 'edge-imports-no-actor',
    comment: 'The API role runs without actors; what both know is in the domain.',
    severity: 'error',
    from: { path: '^src/(api|intake)/', pathNot: tests },
    to: { path: '^actors/' },
  },
  {
    name: 'service-needs-no-development-package',
    comment: 'The image is built with --omit=dev.',
    severity: 'error',
    // What `npm run generate` writes is committed; only a change needs the packages that it is written with.
    from: {
      path: '^(src|actors|config|observability)/',
      pathNot: `${tests}|^observability/dashboards/`,
    },
    to: { dependencyTypes: ['npm-dev'] },
  },
  {
    name: 'service-needs-no-test-code',
    comment: 'What serves customers does not depend on what serves tests.',
    severity: 'error',
    from: { path: '^(src|actors|config|observability)/', pathNot: tests },
    to: { path: `${tests}|^(examples|\\.ci)/`, pathNot: '^tools/' },
  },
  {
    name: 'dashboards-are-generated',
    comment: 'The image leaves out the folder that generates dashboards and rules.',
    severity: 'error',
    from: { path: '^(src|actors|config|observability)/', pathNot: `${tests}|^observability/dashboards/` },
    to: { path: '^observability/dashboards/' },
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
    name: 'only-main-wires-adapters',
    comment: 'Whoever needs an adapter takes it as a parameter, so that one place shows how the service is built.',
    severity: 'error',
    from: {
      pathNot: `^src/main\\.ts$|^src/(service|sending|jobs|backup|cli)/|${adapters}|${tests}|^examples/`,
    },
    to: { path: adapters },
  },
  {
    name: 'receiver-stands-alone',
    comment: 'The receiver kit is copied into other people’s applications.',
    severity: 'error',
    from: { path: '^src/receiver/', pathNot: tests },
    to: { path: '^(src|actors|config|observability)/', pathNot: '^src/receiver/' },
  },
  {
    name: 'page-stands-alone',
    comment: 'It runs in a browser; of the API it takes types alone, which are gone when it is served.',
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
    comment: 'The service hands the page out and runs none of it.',
    severity: 'error',
    from: { pathNot: `^src/portal/page/|${tests}` },
    to: { path: '^src/portal/page/' },
  },
  {
    name: 'api-and-page-stand-side-by-side',
    comment: 'The wiring mounts both on one server. What both serve files with is in src/assets, which knows neither.',
    severity: 'error',
    from: { path: '^src/(api|assets)/', pathNot: tests },
    to: { path: '^src/portal/' },
  },
  {
    name: 'assets-stand-alone',
    comment: 'Reading and sending files needs nothing of what is served.',
    severity: 'error',
    from: { path: '^src/assets/', pathNot: tests },
    to: { path: '^(src|actors|config|observability)/', pathNot: '^src/assets/' },
  },
  {
    name: 'only-the-service-runs-the-api',
    comment: 'Other code calls the API over HTTP or takes its types; one place gives it what it needs.',
    severity: 'error',
    from: { pathNot: `^src/(api|service)/|${tests}` },
    to: { path: '^src/api/', dependencyTypesNot: ['type-only'] },
  },
  only('(nats|@nats-io)', '^src/streams/', 'The streams can be replaced in one folder.'),
  only(
    'mongodb',
    '^src/ledger/|^src/embedded/mongod\\.ts$',
    'The ledger can be replaced in one folder; the embedded mongod is told its own set.',
  ),
  only('(koa|@koa)', '^src/(api|portal|assets)/|^examples/', 'HTTP stays at the edge.'),
  only(
    'jose',
    '^src/(signing|receiver)/|^examples/receivers/',
    'Cryptography is reviewed in one place, and in the kit.',
  ),
  only('undici', '^src/egress/', 'Nothing leaves the service but through the guard.'),
  {
    name: 'no-cycles',
    comment: 'A cycle is one module in two files.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-orphans',
    comment: 'A file that nobody imports is dead, unless it is where something starts.',
    severity: 'error',
    from: {
      orphan: true,
      pathNot: `${tests}|^src/(main|receiver/index|portal/page/(render|theme/first-theme))\\.ts$|^examples/|^observability/register\\.ts$|^config/node-version\\.mjs$`,
    },
    to: {},
  },
]
