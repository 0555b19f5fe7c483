package web

import "context"

// Caller is who performs an operation, as the transport has found out.
type Caller struct {
	// User is what the audit file calls the caller, such as "link" or
	// "token:NAME".
	User string
	// Way is how the caller signed in: link, password, token or socket.
	Way string
	// Address is where a caller over TCP came from.
	Address string
}

type callerKey struct{}

// WithActor returns a context of a caller's operations.
func WithActor(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// ActorOf returns the caller of whom the transport has told; without one it is
// the control socket or the process itself.
func ActorOf(ctx context.Context) Caller {
	if c, ok := ctx.Value(callerKey{}).(Caller); ok {
		return c
	}
	return Caller{User: "socket", Way: "socket"}
}

// Actor returns the name of the caller.
func Actor(ctx context.Context) string { return ActorOf(ctx).User }
