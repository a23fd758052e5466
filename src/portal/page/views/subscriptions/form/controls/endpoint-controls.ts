import { html } from '../../../../html.ts'
import { TextInput } from '../../../../parts/text-input.ts'
import type { SettingControls } from './control.ts'

export const endpointControls: SettingControls<'url' | 'description'> = {
  url: ({ draft, set, faultAt }) =>
    html`<${TextInput}
      label="Address"
      isMono
      type="url"
      placeholder="https://example.com/webhooks"
      value=${draft.url}
      error=${faultAt('/url')}
      onChange=${(url: string) => set({ url })}
    />`,
  description: ({ draft, set, faultAt }) =>
    html`<${TextInput}
      label="Description"
      isOptional
      hint="What the endpoint does. It is shown as the name of the subscription."
      value=${draft.description}
      error=${faultAt('/description')}
      onChange=${(description: string) => set({ description })}
    />`,
}
