import { format } from 'prettier'
import { eventTypes } from '../../config/event-types/index.ts'
import { openApiOf } from '../../src/api/operation/openapi/document.ts'
import { declaredOperations } from '../../test/support/declared-operations.ts'

/** The text of docs/openapi.json: what a service that was started without settings answers at /openapi.json. */
export const publishedOpenApi = async (): Promise<string> => {
  const document = openApiOf(declaredOperations, { publicUrl: 'http://127.0.0.1:3000', eventTypes })
  return format(JSON.stringify(document), { parser: 'json', printWidth: 120 })
}
