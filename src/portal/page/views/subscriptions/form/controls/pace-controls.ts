import { choiceControl, type SettingControls, textControl } from './control.ts'

const orders = [
  {
    value: 'none',
    label: 'As fast as possible',
    hint: 'Events may overtake one another; each has a sequence number',
  },
  {
    value: 'visit',
    label: 'In order per visit',
    hint: 'A check-out waits until its check-in is delivered or given up',
  },
]

export const paceControls: SettingControls<'timeoutMs' | 'ratePerSecond' | 'maxInFlight' | 'ordering'> = {
  timeoutMs: textControl('timeout', '/timeoutMs', {
    isShort: true,
    label: 'Timeout',
    hint: '1 s to 30 s, from connecting to the last byte.',
  }),
  ratePerSecond: textControl('ratePerSecond', '/ratePerSecond', {
    isShort: true,
    isOptional: true,
    label: 'Max. per second',
    hint: 'Leave it empty for no limit.',
    inputMode: 'decimal',
  }),
  maxInFlight: textControl('maxInFlight', '/maxInFlight', {
    isShort: true,
    label: 'Max. in parallel',
    hint: '1 to 500. Doorbell uses fewer while your endpoint is slow.',
    inputMode: 'numeric',
  }),
  ordering: choiceControl('ordering', 'Order', orders),
}
