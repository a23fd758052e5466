package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwk"
)

// checkVectors prints a verdict for each request of a file of vectors: go run . ../vectors.json
func checkVectors(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	var file struct {
		Issuer, SubscriptionID, Secret string
		JWKS                           json.RawMessage
		Vectors                        []struct {
			Name, Body string
			Now        int64
			Headers    map[string]string
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		log.Fatal(err)
	}
	set, err := jwk.Parse(file.JWKS)
	if err != nil {
		log.Fatal(err)
	}
	keys := &publishedKeys{set: set, fetched: time.Now(), tried: time.Now()}
	r := receiver{file.Issuer, file.SubscriptionID, file.Secret}
	for _, vector := range file.Vectors {
		headers := http.Header{}
		for name, value := range vector.Headers {
			headers.Set(name, value)
		}
		verdict := "accepted"
		if _, err := r.verify(headers, []byte(vector.Body), keys, time.Unix(vector.Now, 0)); err != nil {
			verdict = "refused"
		}
		fmt.Println(verdict, vector.Name)
	}
}
