import type { EndpointDraft } from './draft.ts'
import type { SettingModels } from './setting.ts'

export const emptyEndpoint: EndpointDraft = { url: '', description: '' }

export const endpointModel: SettingModels<'url' | 'description'> = {
  url: {
    name: 'address',
    toDraft: (url = '') => ({ url }),
    fromDraft: ({ url }, faults) => {
      if (url.trim() === '') faults.add('/url', 'Enter the address of your endpoint.')
      return url.trim()
    },
  },
  description: {
    name: 'description',
    toDraft: (description = '') => ({ description }),
    fromDraft: ({ description }) => description.trim() || undefined,
  },
}
