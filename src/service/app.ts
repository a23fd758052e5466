import type { RequestListener } from 'node:http'
import { createApi } from '../api/api.ts'
import { mountPortal } from '../portal/mount.ts'
import { apiDepsOf } from './api-deps.ts'
import type { Draining } from './draining.ts'
import type { Parts } from './parts.ts'

/** Builds the API with the portal page beside it. A worker process serves no page. */
export const createApp = (parts: Parts, publicUrl: string, draining: Draining): RequestListener => {
  const app = createApi(apiDepsOf(parts, publicUrl, draining))
  if (parts.settings.role !== 'worker') mountPortal(app, publicUrl)
  const answer = app.callback()
  return (request, response) => void answer(request, response)
}
