import { type TSchema, Type } from 'typebox'
import { anyObject } from '../answers.ts'
import type { Operation } from '../operation/operation.ts'

const tag = 'Service'
const health = (status: TSchema) =>
  Type.Object({ status, checks: Type.Record(Type.String(), Type.String()) }, { additionalProperties: false })
const open = { tag, method: 'get', access: 'open' } as const

export const serviceOperations = {
  jwks: {
    ...open,
    id: 'getKeySet',
    path: '/.well-known/jwks.json',
    summary: 'The public keys of our signatures (RFC 7517)',
    answers: {
      200: {
        description: 'Current, next and retired keys',
        contentType: 'application/jwk-set+json',
        schema: Type.Object({ keys: Type.Array(anyObject) }, { additionalProperties: false }),
      },
    },
  },
  livez: {
    ...open,
    id: 'isAlive',
    path: '/livez',
    summary: 'The process answers',
    answers: {
      200: {
        description: 'It does',
        schema: Type.Object({ status: Type.Literal('ok') }, { additionalProperties: false }),
      },
    },
  },
  readyz: {
    ...open,
    id: 'isReady',
    path: '/readyz',
    summary: 'NATS and MongoDB answer, and the process is not ending',
    answers: {
      200: {
        description:
          'It can take work. `degraded`: MongoDB does not answer; check-ins are taken all the same, other calls are answered 503',
        schema: health(Type.Union([Type.Literal('ok'), Type.Literal('degraded')])),
      },
      503: { description: 'It cannot: `checks` names why', schema: health(Type.Literal('unavailable')) },
    },
  },
  openapi: {
    ...open,
    id: 'getOpenApi',
    path: '/openapi.json',
    summary: 'This description (OpenAPI 3.1)',
    answers: { 200: { description: 'The document', schema: anyObject } },
  },
  problem: {
    ...open,
    id: 'getProblemPage',
    path: '/problems/{code}',
    summary: 'What a problem’s code means',
    answers: { 200: { description: 'A page', contentType: 'text/html' } },
    problems: ['not_found'],
  },
} as const satisfies Record<string, Operation>
