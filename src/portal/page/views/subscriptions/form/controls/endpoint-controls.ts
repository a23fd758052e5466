import { type SettingControls, textControl } from './control.ts'

export const endpointControls: SettingControls<'url' | 'description'> = {
  url: textControl('url', '/url', {
    label: 'Address',
    isMono: true,
    type: 'url',
    placeholder: 'https://example.com/webhooks',
  }),
  description: textControl('description', '/description', {
    label: 'Description',
    isOptional: true,
    hint: 'What the endpoint does. It is shown as the name of the subscription.',
  }),
}
