/** The portal's own identity provider, whose users may call the API. */
export interface IdentityProviderSettings {
  readonly issuer: string
  readonly audience: string
  readonly jwksUrl: string
  /** Where the tenant's id stands in the token; dots lead into objects. */
  readonly tenantClaim: string
  /** Where the role stands: a text, or a list of them. */
  readonly roleClaim: string
  /** The role that has the operator's rights; null: none has. */
  readonly operatorRole: string | null
}
