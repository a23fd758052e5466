import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Ajv } from 'ajv'
import test from 'ava'
import ipaddr from 'ipaddr.js'
import { parse, parseAllDocuments } from 'yaml'
import { loadSettings } from '../../config/load.ts'
import { metricShapes } from '../../observability/names.ts'
import { prometheusName } from '../../observability/prometheus-names.ts'
import { createAddressGuard } from '../../src/egress/addresses.ts'
import { readDockerfile } from './dockerfile.ts'
import { pythonPackages } from '../support/python-packages.ts'

type Labels = Readonly<Record<string, string>>

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
  readonly periodSeconds: number
}

interface Pod {
  readonly terminationGracePeriodSeconds: number
  readonly securityContext: object
  readonly containers: readonly [Container]
}

interface Container {
  readonly image: string
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[]
  readonly startupProbe: Probe
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } }
  readonly securityContext: object
  readonly resources: object
}

interface IpBlock {
  readonly cidr: string
  readonly except: readonly string[]
}

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly data?: Labels
  readonly spec?: {
    readonly selector?: { readonly matchLabels?: Labels } & Labels
    readonly podSelector?: { readonly matchLabels: Labels }
    readonly egress?: readonly { readonly to: readonly { readonly ipBlock?: IpBlock }[] }[]
    readonly scaleTargetRef?: { readonly name: string }
    readonly triggers?: readonly { readonly type: string; readonly metadata: Labels }[]
    readonly template?: { readonly metadata: { readonly labels: Labels }; readonly spec: Pod }
  }
}

const project = join(import.meta.dirname, '../..')
const folder = join(project, 'deploy/kubernetes')
const run = promisify(execFile)
const packages = pythonPackages(join(import.meta.dirname, 'requirements.txt'))
const whenThereArePackages = packages === null ? test.skip : test

const { resources } = parse(await readFile(join(folder, 'kustomization.yaml'), 'utf8')) as { resources: string[] }
/** The manifests of Kubernetes' own kinds. The other one is KEDA's. */
const own = resources.filter(file => file !== 'autoscaling-worker.yaml')
const read = async (file: string): Promise<Manifest[]> =>
  parseAllDocuments(await readFile(join(folder, file), 'utf8'), { merge: true }).map(one => one.toJS() as Manifest)
const manifests = (await Promise.all(resources.map(read))).flat()
const ofKind = (kind: string): Manifest[] => manifests.filter(manifest => manifest.kind === kind)
const deployments = ofKind('Deployment')
const podOf = ({ spec }: Manifest): Pod => spec?.template?.spec as Pod
const stages = readDockerfile(await readFile(join(project, 'Dockerfile'), 'utf8'))
const service = stages.find(({ name }) => name === 'service')

const validate = (files: readonly string[]) =>
  run('python3', ['-m', 'kubernetes_validate', '--strict', ...files], {
    env: { ...process.env, PYTHONPATH: packages ?? '' },
  })

whenThereArePackages('the manifests are valid by Kubernetes’ own schemas, and a misspelt field is not', async t => {
  await t.notThrowsAsync(validate(own.map(file => join(folder, file))))
  const copies = await mkdtemp(join(tmpdir(), 'doorbell-manifests-'))
  t.teardown(() => rm(copies, { recursive: true, force: true }))
  const misspellings: readonly [string, RegExp, string][] = [
    ['api.yaml', /readinessProbe/, 'readynessProbe'],
    ['worker.yaml', /terminationGracePeriodSeconds/, 'terminationGracePeriod'],
    ['network.yaml', /podSelector/, 'podSelectors'],
    ['autoscaling.yaml', /maxReplicas: 6/, 'maxReplicas: six'],
  ]
  for (const [file, from, to] of misspellings) {
    const text = await readFile(join(folder, file), 'utf8')
    t.regex(text, from)
    const copy = join(copies, file)
    await writeFile(copy, text.replace(from, to))
    await t.throwsAsync(validate([copy]), undefined, `${file}: ${to}`)
  }
})

test('the workers’ autoscaling is valid by KEDA’s definition and uses an existing metric, and a misspelt field is refused', async t => {
  const schema = JSON.parse(await readFile(join(import.meta.dirname, 'scaled-object.schema.json'), 'utf8')) as object
  const check = new Ajv({ strict: false }).compile(schema)
  const [scaled] = await read('autoscaling-worker.yaml')
  t.true(check(scaled), JSON.stringify(check.errors))
  t.false(check({ ...scaled, spec: { ...scaled?.spec, minReplicas: 2 } }))
  t.is(scaled?.spec?.scaleTargetRef?.name, 'doorbell-worker')
  const queries = (scaled?.spec?.triggers ?? []).flatMap(({ metadata }) => metadata['query'] ?? [])
  const known = Object.values(metricShapes).map(prometheusName)
  for (const query of queries) for (const [name] of query.matchAll(/\bwebhook_\w+/g)) t.true(known.includes(name), name)
  t.is(queries.length, 1)
})

test('every file of the folder is applied', async t => {
  t.deepEqual((await readdir(folder)).toSorted(), ['kustomization.yaml', ...resources].toSorted())
})

test('the network policy lets no delivery reach private, loopback, link-local, translated or metadata addresses, as Doorbell’s guard does', async t => {
  const [policy] = await read('network.yaml')
  const blocks = (policy?.spec?.egress ?? []).flatMap(({ to }) => to.flatMap(({ ipBlock }) => ipBlock ?? []))
  t.deepEqual(
    blocks.map(({ cidr }) => cidr),
    ['0.0.0.0/0', '::/0'],
  )
  const excepted = blocks.flatMap(({ except }) => except.map(range => ipaddr.parseCIDR(range)))
  const isExcepted = (text: string) => {
    const address = ipaddr.parse(text)
    return excepted.some(([network, bits]) => network.kind() === address.kind() && address.match([network, bits]))
  }
  const guard = createAddressGuard([])
  const forbidden =
    '10.0.0.1 172.31.255.254 192.168.1.1 100.64.0.1 fd00::1 fc00::1 ' +
    '127.0.0.1 ::1 169.254.0.1 fe80::1 64:ff9b::a00:1 ' +
    '169.254.169.254 168.63.129.16 fd00:ec2::254'
  t.deepEqual(
    forbidden.split(' ').filter(address => !isExcepted(address) || guard.allows(address)),
    [],
  )
  t.deepEqual(
    ['8.8.8.8', '2606:4700::1111'].filter(address => isExcepted(address) || !guard.allows(address)),
    [],
  )
})

test('Doorbell accepts the settings of each deployment, and its pods have enough time to stop', t => {
  const [settings] = ofKind('ConfigMap')
  t.deepEqual(
    deployments.map(({ metadata }) => metadata.name),
    ['doorbell-api', 'doorbell-worker'],
  )
  const secrets: Labels = {
    NATS_URL: 'nats://nats.nats:4222',
    MONGODB_URL: 'mongodb://mongodb.mongodb:27017/?replicaSet=rs0',
    DOORBELL_ADMIN_TOKEN: 'a-token-of-the-tests',
    DOORBELL_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  }
  for (const deployment of deployments) {
    const pod = podOf(deployment)
    const [container] = pod.containers
    const secret = container.env.filter(({ valueFrom }) => valueFrom !== undefined).map(({ name }) => name)
    t.deepEqual(secret.toSorted(), Object.keys(secrets).toSorted())
    const environment = Object.fromEntries(container.env.map(({ name, value }) => [name, value ?? secrets[name]]))
    const taken = loadSettings({ ...service?.environment, ...settings?.data, ...environment })
    t.is(`doorbell-${taken.role}`, deployment.metadata.name)
    t.like(Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort])), {
      http: taken.port,
      metrics: taken.metricsPort,
    })
    t.is(taken.host, '0.0.0.0')
    t.is(container.livenessProbe.httpGet.path, '/livez')
    t.is(container.readinessProbe.httpGet.path, '/readyz')
    // The process kills itself after 14 s.
    t.true(pod.terminationGracePeriodSeconds >= (container.lifecycle?.preStop.sleep.seconds ?? 0) + 14 + 5)
    t.like(pod.securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    t.like(pod.securityContext, { runAsUser: Number(service?.user?.split(':')[0]) })
    t.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  }
})

test('every selector selects the pods of a deployment', t => {
  const labels = deployments.map(({ spec }) => spec?.template?.metadata.labels ?? {})
  const selectors = manifests.flatMap(({ kind, metadata, spec }) => {
    const selector = spec?.podSelector?.matchLabels ?? spec?.selector?.matchLabels ?? spec?.selector
    return selector === undefined ? [] : [{ name: `${kind} ${metadata.name}`, selector }]
  })
  t.is(selectors.length, 7)
  for (const { name, selector } of selectors)
    t.true(
      labels.some(each => Object.entries(selector).every(([key, value]) => each[key] === value)),
      name,
    )
  const scaled = manifests.flatMap(({ spec }) => spec?.scaleTargetRef?.name ?? [])
  t.deepEqual(scaled.toSorted(), deployments.map(({ metadata }) => metadata.name).toSorted())
})
