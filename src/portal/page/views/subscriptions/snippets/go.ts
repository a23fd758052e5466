import type { Snippet } from './snippet.ts'

export const goSnippet = (iss: string, aud: string): Snippet => ({
  label: 'Go',
  install: 'go get github.com/lestrrat-go/jwx/v3',
  code: `package webhook

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
)

// Verify returns the signed header. body: the raw bytes of the request. On an error, answer 401.
func Verify(ctx context.Context, headers http.Header, body []byte) (jws.Headers, error) {
	// Keep the key set for ten minutes, and fetch it again for an unknown kid.
	keys, err := jwk.Fetch(ctx, "${iss}/.well-known/jwks.json")
	if err != nil {
		return nil, err
	}
	var signed *jws.Signature
	if _, err = jws.Verify([]byte(headers.Get("webhook-jws")), jws.WithCompact(), jws.WithKeySet(keys),
		jws.WithDetachedPayload(body), jws.WithVerifiedSignature(&signed)); err != nil {
		return nil, err
	}
	header := signed.ProtectedHeaders()
	for name, expected := range map[string]string{
		"typ": "webhook+jws",
		"iss": "${iss}",
		"aud": "${aud}",
		"eid": headers.Get("webhook-id"),
	} {
		var value string
		if _ = header.Get(name, &value); value != expected {
			return nil, fmt.Errorf("%s is not %s", name, expected)
		}
	}
	var iat float64
	if err = header.Get("iat", &iat); err != nil || math.Abs(float64(time.Now().Unix())-iat) > 300 {
		return nil, fmt.Errorf("signed too long ago")
	}
	return header, nil // process each id once; answer 2xx within seconds
}
`,
})
