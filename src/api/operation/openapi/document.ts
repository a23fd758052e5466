import { version } from '../../../../config/version.ts'
import { namedSchemas } from '../../answers.ts'
import type { ApiDeps } from '../../deps.ts'
import type { Operation } from '../operation.ts'
import { describeOperation } from './describe-operation.ts'
import { refer } from './refer.ts'
import { tags } from './tags.ts'
import { webhooksOf } from './webhooks.ts'

/** The API as an OpenAPI 3.1 document, made of the very operations that are served, with every webhook that a receiver gets. */
export const openApiOf = (
  operations: readonly Operation[],
  { publicUrl, eventTypes }: Pick<ApiDeps, 'publicUrl' | 'eventTypes'>,
) => {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = describeOperation(operation)
  return {
    openapi: '3.1.1',
    info: {
      title: 'Doorbell',
      version,
      summary: 'Webhooks for visitor check-ins',
      description: introduction,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl }],
    security: [{ token: [] }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    webhooks: webhooksOf(eventTypes),
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The operator’s token, or a tenant’s with the scope.' },
      },
      schemas: Object.fromEntries([...namedSchemas].map(([schema, name]) => [name, refer(schema, true)])),
    },
  }
}

const introduction = `Errors are \`application/problem+json\` (RFC 9457) with a stable \`code\` and a \`traceId\`.
Lists answer \`{items, next}\`: give \`next\` as \`cursor\` for the page after it.
A POST may carry an \`Idempotency-Key\`: the same request with the same key is worked on once within 24 hours, and answered alike.
Tenants’ tokens have a quota of requests a minute: \`RateLimit\` and \`RateLimit-Policy\` tell it, 429 with \`Retry-After\` ends it.`
