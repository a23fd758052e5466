// A receiver for the webhooks of Doorbell: DOORBELL_ISSUER=https://doorbell.example DOORBELL_SUBSCRIPTION=sub_… go run .
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
	"time"
)

type event struct {
	ID        string          `json:"id"`
	Type      string          `json:"type"`
	VisitID   string          `json:"visitId"`
	Data      json.RawMessage `json:"data"`
	Challenge string          `json:"challenge"`
}

// onEvent processes an event. Replace it, and queue what takes longer than a few seconds.
func onEvent(e event, replay bool) error {
	fmt.Println(e.Type, e.ID, map[bool]string{true: "(replay)"}[replay])
	return nil
}

// The ids of processed events. Use a table of your database with the id as its key, which survives a restart.
var done sync.Map

func (r receiver) handle(keys *publishedKeys) http.HandlerFunc {
	return func(response http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(response, request.Body, 1<<20))
		if err != nil {
			log.Print(err)
			http.Error(response, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		header, err := r.verify(request.Header, body, keys, time.Now())
		if errors.Is(err, errNoKeys) {
			log.Print(err)
			http.Error(response, errNoKeys.Error(), http.StatusServiceUnavailable)
			return
		}
		var e event
		if err == nil {
			err = json.Unmarshal(body, &e)
		}
		if err != nil {
			log.Print(err)
			http.Error(response, err.Error(), http.StatusUnauthorized)
			return
		}
		if header.Has("verification") { // Doorbell asks whether this endpoint wants its webhooks
			response.Header().Set("content-type", "application/json")
			_ = json.NewEncoder(response).Encode(map[string]string{"challenge": e.Challenge})
			return
		}
		replay := header.Has("replay")
		if _, seen := done.Load(e.ID); !seen || replay {
			if err := onEvent(e, replay); err != nil {
				// The error is for your log alone: Doorbell shows the answer to its administrators.
				log.Print(err)
				http.Error(response, "failed", http.StatusInternalServerError)
				return
			}
			done.Store(e.ID, true) // only after processing: if that fails, Doorbell retries
		}
		response.WriteHeader(http.StatusNoContent)
	}
}

func main() {
	r := receiver{os.Getenv("DOORBELL_ISSUER"), os.Getenv("DOORBELL_SUBSCRIPTION"), os.Getenv("DOORBELL_SECRET")}
	if len(os.Args) > 1 {
		checkVectors(os.Args[1])
		return
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	keys := &publishedKeys{url: r.issuer + "/.well-known/jwks.json"}
	server := http.Server{Addr: "127.0.0.1:" + port, Handler: r.handle(keys), ReadTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
