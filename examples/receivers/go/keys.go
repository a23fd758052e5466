package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
)

var algorithms = []jwa.SignatureAlgorithm{jwa.ES256(), jwa.EdDSAEd25519()}

// errNoKeys is not the request's fault: answer 503, and Doorbell retries. For every other error of verify, answer 401.
var errNoKeys = errors.New("the key set cannot be fetched")

// publishedKeys caches the key set for ten minutes. An unknown key id fetches it again, but at most every five seconds.
type publishedKeys struct {
	url            string
	mutex          sync.Mutex
	set            jwk.Set
	fetched, tried time.Time
	err            error
}

// FetchKeys finds the key of a signature. jwx calls it.
func (p *publishedKeys) FetchKeys(ctx context.Context, sink jws.KeySink, signature *jws.Signature, _ *jws.Message) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	kid, _ := signature.ProtectedHeaders().KeyID()
	known := p.set != nil && lookUp(p.set, kid) != nil
	if (!known || time.Since(p.fetched) > 10*time.Minute) && time.Since(p.tried) > 5*time.Second {
		p.tried = time.Now()
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		set, err := jwk.Fetch(ctx, p.url)
		if p.err = err; err == nil {
			p.set, p.fetched = set, time.Now()
		}
	}
	if p.err != nil && (p.set == nil || lookUp(p.set, kid) == nil) {
		return fmt.Errorf("%w: %w", errNoKeys, p.err)
	}
	return useKey(sink, p.set, signature)
}

// useKey passes on the key with the signature's key id, with the algorithm that the key is for.
func useKey(sink jws.KeySink, set jwk.Set, signature *jws.Signature) error {
	kid, _ := signature.ProtectedHeaders().KeyID()
	key := lookUp(set, kid)
	if key == nil {
		return errors.New("the key is not in the key set")
	}
	of, _ := key.Algorithm()
	for _, algorithm := range algorithms {
		if of == algorithm {
			sink.Key(algorithm, key)
			return nil
		}
	}
	return errors.New("the key is for another algorithm")
}

func lookUp(set jwk.Set, kid string) jwk.Key {
	key, _ := set.LookupKeyID(kid)
	return key
}
