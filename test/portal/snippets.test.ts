import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { snippetsFor } from '../../src/portal/page/views/subscriptions/snippets/verification-snippets.ts'
import { checkIn, startDoorbell, subscribe } from '../support/doorbell.ts'
import { type Arrival, startReceiver } from '../support/receiver.ts'
import { languages } from '../receivers/languages.ts'

const run = promisify(execFile)
/** Compilers are slow in their first run. */
const patienceMs = 240_000

/** Returns a line with a verdict for each request of a file. `folder` belongs to the test. */
type Judge = (folder: string, code: string, requests: string) => Promise<string>

const judges: Readonly<Record<string, Judge>> = {
  node: async (_folder, code, requests) => {
    const driver = `
import { readFileSync } from 'node:fs'
for (const { headers, body } of JSON.parse(readFileSync(process.argv[1], 'utf8')))
  console.log(await verify(headers, Buffer.from(body)).then(() => 'accepted', () => 'refused'))`
    return (await run(process.execPath, ['--input-type=module', '--eval', code + driver, requests])).stdout
  },
  python: async (_folder, code, requests) => {
    const driver = `
import sys
for request in json.load(open(sys.argv[1])):
    try:
        verify(request["headers"], request["body"].encode())
        print("accepted")
    except Exception:
        print("refused")
`
    const build = await prepared('python')
    const env = { ...process.env, ...(await build?.())?.environment }
    return (await run('python3', ['-c', code + driver, requests], { env })).stdout
  },
  ruby: async (_folder, code, requests) => {
    const driver = `
JSON.parse(File.read(ARGV[0])).each do |request|
  verify(request['headers'], request['body'])
  puts 'accepted'
rescue StandardError
  puts 'refused'
end`
    return (await run('ruby', ['-e', code + driver, requests])).stdout
  },
  go: async (folder, code, requests) => {
    const example = join(import.meta.dirname, '../../examples/receivers/go')
    await mkdir(join(folder, 'webhook'))
    await copyFile(join(example, 'go.sum'), join(folder, 'go.sum'))
    const { stdout: mod } = await run('go', ['mod', 'edit', '-print', '-module=receiver', join(example, 'go.mod')])
    await writeFile(join(folder, 'go.mod'), mod)
    await writeFile(join(folder, 'webhook/webhook.go'), code)
    await writeFile(
      join(folder, 'main.go'),
      `package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"receiver/webhook"
)

func main() {
	var requests []struct {
		Headers map[string]string
		Body    string
	}
	file, _ := os.ReadFile(os.Args[1])
	if err := json.Unmarshal(file, &requests); err != nil {
		panic(err)
	}
	for _, request := range requests {
		headers := http.Header{}
		for name, value := range request.Headers {
			headers.Set(name, value)
		}
		if _, err := webhook.Verify(context.Background(), headers, []byte(request.Body)); err != nil {
			fmt.Println("refused")
		} else {
			fmt.Println("accepted")
		}
	}
}
`,
    )
    return (await run('go', ['run', '.', requests], { cwd: folder })).stdout
  },
  java: async (folder, code, requests) => {
    const program = await (await prepared('java'))?.()
    const libraries = program?.serve[1]?.split(':').find(path => path.endsWith('/*')) ?? ''
    await writeFile(join(folder, 'Webhook.java'), code)
    await writeFile(
      join(folder, 'Judge.java'),
      `import com.nimbusds.jose.util.JSONArrayUtils;
import java.nio.file.*;
import java.util.Map;

class Judge {
  public static void main(String[] args) throws Exception {
    var webhook = new Webhook();
    for (Object one : JSONArrayUtils.parse(Files.readString(Path.of(args[0])))) {
      var request = (Map<?, ?>) one;
      var headers = (Map<?, ?>) request.get("headers");
      try {
        webhook.verify(name -> (String) headers.get(name), ((String) request.get("body")).getBytes("UTF-8"));
        System.out.println("accepted");
      } catch (Exception refused) {
        System.out.println("refused");
      }
    }
  }
}
`,
    )
    await run('javac', [
      '--release',
      '17',
      '-cp',
      libraries,
      '-d',
      folder,
      join(folder, 'Webhook.java'),
      join(folder, 'Judge.java'),
    ])
    return (await run('java', ['-cp', `${folder}:${libraries}`, 'Judge', requests])).stdout
  },
}

const prepared = (name: string) => languages.find(language => language.name === name)?.prepare() ?? null

const folderFor = async (t: ExecutionContext): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-snippet-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const asRequest = ({ headers, body }: Arrival) => ({ headers: headers as Record<string, string>, body })

const there = await Promise.all(
  Object.keys(judges).map(async language => ({ language, isThere: (await prepared(language)) !== null })),
)

for (const { language, isThere } of there) {
  const whenItRuns = isThere ? test.serial : test.skip
  whenItRuns(`the page’s snippet in ${language} accepts requests of Doorbell only`, async t => {
    t.timeout(patienceMs)
    const doorbell = await startDoorbell(t)
    const [own, foreign] = [await startReceiver(t), await startReceiver(t)]
    const { id } = await subscribe(doorbell, own.url)
    await subscribe(doorbell, foreign.url)
    await doorbell.call('POST', '/v1/tenants/acme/events', checkIn())
    const [good] = (await own.count(1)).map(asRequest)
    const [other] = (await foreign.count(1)).map(asRequest)
    if (good === undefined || other === undefined) throw new Error('no request arrived')

    const altered = { ...good, body: good.body.replace('visit-1', 'visit-2') }
    const renamed = { ...good, headers: { ...good.headers, 'webhook-id': 'evt_another' } }
    // Some libraries verify a payload that is attached to the signature instead of the body.
    const [first, , last] = (good.headers['webhook-jws'] ?? '').split('.')
    const jws = [first, Buffer.from(good.body).toString('base64url'), last].join('.')
    const attached = { headers: { ...good.headers, 'webhook-jws': jws }, body: altered.body }
    const requests = { good, altered, attached, 'for another subscription': other, 'with another id': renamed }
    const folder = await folderFor(t)
    const file = join(folder, 'requests.json')
    await writeFile(file, JSON.stringify(Object.values(requests)))
    const { code } = snippetsFor(doorbell.service.url, id)[language] ?? { code: '' }
    const verdicts = (await judges[language]?.(folder, code, file)) ?? ''
    t.deepEqual(verdicts.trim().split('\n'), ['accepted', 'refused', 'refused', 'refused', 'refused'])
  })
}
