package sandbox

import (
	"context"
	"net/http"
)

// authorizeHTTP checks the credentials of a request and returns how to refuse
// it, or nil.
func (s *Sandbox) authorizeHTTP(API, string, *http.Request) *refusal { return nil }

// authorizeRPC checks the credentials of a Firestore call.
func (s *service) authorizeRPC(context.Context, string) error { return nil }
