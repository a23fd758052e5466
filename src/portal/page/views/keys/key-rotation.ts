import { useState } from 'preact/hooks'
import { call } from '../../api/client.ts'
import type { SigningKey } from '../../api/shapes.ts'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'
import { now } from '../../parts/clock.ts'
import { Confirmation } from '../../parts/confirmation.ts'
import { Icon } from '../../parts/icon.ts'
import { Notice } from '../../parts/notice.ts'
import { toast } from '../../parts/toast.ts'
import { Toggle } from '../../parts/toggle.ts'
import { When } from '../../parts/when.ts'

interface RotationProps {
  /** When every receiver knows the next key; undefined if there is none. */
  usableAt: string | undefined
  onDone: (keys: readonly SigningKey[]) => void
}

/** A button that makes the next key the current one. */
export const KeyRotation = ({ usableAt, onDone }: RotationProps) => {
  const [isAsking, setAsking] = useState(false)
  const [isForced, setForced] = useState(false)
  const isReady = usableAt !== undefined && Date.parse(usableAt) <= now.value
  const rotating = useAction(async () => {
    const body = isReady ? {} : { force: isForced }
    const answer = await call<{ items: readonly SigningKey[] }>('/v1/keys/rotate', { method: 'POST', body })
    close()
    onDone(answer.body.items)
    toast('Rotated. The next key is now the current key.')
  })
  const close = () => {
    setAsking(false)
    setForced(false)
    rotating.clear()
  }
  return html`<button type="button" class="button" onClick=${() => setAsking(true)}>
      <${Icon} name="replays" />Rotate keys
    </button>
    ${
      isAsking &&
      html`<${Confirmation}
        title="Start signing with the next key?"
        action=${rotating}
        isDangerous=${!isReady}
        isReady=${isReady || isForced}
        confirmLabel="Rotate"
        busyLabel="Rotating…"
        onConfirm=${() => rotating.run()}
        onClose=${close}
      >
        <p>
          Doorbell retires the current key, which stays published for a week, and publishes a new next key. This affects
          all tenants.
        </p>
        ${
          isReady
            ? html`<p>Every receiver that reads the key set already knows the next key, so no request is rejected.</p>`
            : html`<${Notice} tone="warn" title="The next key is too new">
                  <p>
                    Receivers that cache the key set may not know it
                    yet${usableAt !== undefined && html`; all of them will <${When} at=${usableAt} />`}. Until then some
                    will reject requests, which Doorbell then retries.
                  </p>
                <//>
                <${Toggle}
                  label="Rotate anyway"
                  hint="For a key that has leaked."
                  isOn=${isForced}
                  onChange=${setForced}
                />`
        }
      <//>`
    }`
}
