/** The customer's employees. All people here are invented. */
export interface Host {
  readonly id: string
  readonly name: string
  readonly role: string
}

export interface Contact {
  readonly id: string
  readonly firstName: string
  readonly lastName: string
  readonly company: string
  readonly email: string
}

export const hosts: readonly Host[] = [
  { id: 'host-1', name: 'Tom Peeters', role: 'Purchasing' },
  { id: 'host-2', name: 'Amara Okeke', role: 'Engineering' },
  { id: 'host-3', name: 'Lucía Serrano', role: 'People team' },
]

const contact = (number: number, firstName: string, lastName: string, company: string): Contact => ({
  id: `contact-${number}`,
  firstName,
  lastName,
  company,
  email: `visitor.${number}@example.com`,
})

export const contacts: readonly Contact[] = [
  contact(1, 'Anna', 'Jansen', 'Northlight Paper'),
  contact(2, 'Bilal', 'Haddad', 'Cedar Logistics'),
  contact(3, 'Chiara', 'Moretti', 'Studio Tredici'),
  contact(4, 'Daniel', 'Osei', 'Goldcoast Energy'),
  contact(5, 'Emiko', 'Tanabe', 'Kawa Instruments'),
  contact(6, 'Freya', 'Lindqvist', 'Fjord Analytics'),
  contact(7, 'Gabriel', 'Novak', 'Novak & Daughters'),
  contact(8, 'Hana', 'Dvořáková', 'Clearwater Legal'),
  contact(9, 'Ishaan', 'Mehta', 'Monsoon Software'),
  contact(10, 'Julia', 'Brandt', 'Brandt Safety'),
]

export const hostOf = (id: string): Host | undefined => hosts.find(host => host.id === id)
export const contactOf = (id: string): Contact | undefined => contacts.find(known => known.id === id)
