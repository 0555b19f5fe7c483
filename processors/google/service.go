// Package google is the account at Google Cloud that the nodes of a flow share.
//
// GoogleCloud is the service kind; what it opens is a *Client, which leaves get
// with processors.Client. It holds one gRPC connection to Firestore, the project
// and the database.
//
// Where a token may go is the point of this package. Without an endpoint the
// client talks to Google's hosts alone (wire.go), each token to the one API that
// it was asked for. With the endpoint "sandbox", the only other one there is,
// the connection goes to the server's own sandbox in the clear and no credential
// is looked up at all, so a flow that somebody sent cannot carry a token
// elsewhere. No environment variable changes an address.
//
// Who asks is found in this order (find.go): the flow's secret key; the file that
// GOOGLE_APPLICATION_CREDENTIALS names, whatever its type; what gcloud has left,
// if it impersonates a service account; the service account attached to the
// machine; what gcloud has left otherwise, a person's login among it. On top of
// any of these the flow may name a service account to impersonate. A flow cannot
// name a file: the server would read it, and tell by its errors what is in it.
//
// Tokens are asked for the least scope of each API and kept per scope. What
// Google answers other than success becomes a fault with its remedy in Explain,
// which leaves call before they add what only they know.
package google

import (
	"context"
	"fmt"
	"sync"

	"cloud.google.com/go/auth"
	apiv1 "cloud.google.com/go/firestore/apiv1"
	"google.golang.org/api/option"
	"google.golang.org/grpc/metadata"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
)

func init() {
	processors.RegisterService(func() processors.Service { return &GoogleCloud{database: DefaultDatabase} })
}

// Kind is the service's kind, for leaves that declare a property of it.
const Kind = "GoogleCloud"

// DefaultDatabase is the Firestore database that a project has unless it was
// made with another name.
const DefaultDatabase = "(default)"

// Sandbox is the one endpoint other than Google's.
const Sandbox = "sandbox"

// window is how much may be on its way: a page of documents comes without a
// pause for acknowledgement.
const window = 4 << 20

// Scope is what tokens are asked for Firestore.
const Scope = "https://www.googleapis.com/auth/datastore"

// GoogleCloud is the service: a project, and how to prove who asks.
type GoogleCloud struct {
	project, database, impersonate, endpoint string
	key                                      processors.Secret

	// name is what the flow calls the service.
	name   string
	client *Client
}

// Define describes the service.
func (g *GoogleCloud) Define(s *processors.Spec) {
	s.Describe(Kind, "A Google Cloud project and the credentials to use it.", "google", "gcp", "firestore", "account")
	s.String(&g.project, "project", "The id of the project, not its number or display name.", processors.Required,
		processors.Example("calback-prod"),
		processors.Pattern(`([a-z][a-z0-9.-]*:)?[a-z][a-z0-9-]{4,28}[a-z0-9]`, "a project id: 6 to 30 small letters, digits and hyphens"))
	s.String(&g.database, "database", "The Firestore database.", processors.Advanced, processors.Example("(default)"),
		processors.Pattern(`\(default\)|[a-z][a-z0-9-]{2,61}[a-z0-9]`, "(default), or a database id of 4 to 63 small letters, digits and hyphens"))
	s.Secret(&g.key, "key", "The JSON key of a service account; without it the server's own credentials are used: the file that GOOGLE_APPLICATION_CREDENTIALS names, what `gcloud auth application-default login` has left, or the service account attached to the machine.")
	s.String(&g.impersonate, "impersonate", "The e-mail of a service account to act as; the credential needs the role roles/iam.serviceAccountTokenCreator on it.",
		processors.Example("weir-reader@calback-prod.iam.gserviceaccount.com"),
		processors.Pattern(`[a-z0-9][a-z0-9.-]*@[a-z0-9][a-z0-9.-]*\.gserviceaccount\.com`, "the e-mail of a service account: NAME@PROJECT.iam.gserviceaccount.com"))
	s.Choice(&g.endpoint, "endpoint", "Where to connect instead of to Google; empty means Google.",
		[]processors.ChoiceValue{{Value: Sandbox, Doc: "The server's own sandbox, without any credentials."}}, processors.Advanced)
	google := func() bool { return g.endpoint == "" }
	acting := func() bool { return google() && g.impersonate != "" }
	s.Needs(
		processors.Need{Kind: processors.NeedResource, Value: &g.project, Why: "The project that is used."},
		processors.Need{Kind: processors.NeedHost, Value: tokenHost + ":443", Why: "Tokens come from there.", When: google},
		processors.Need{Kind: processors.NeedRole, Value: "roles/iam.serviceAccountTokenCreator", On: &g.impersonate,
			Why: "The credential acts as that account.", When: acting},
		processors.Need{Kind: processors.NeedAPI, Value: impersonateHost, Why: "Tokens of an impersonated account come from there.", When: acting},
		processors.Need{Kind: processors.NeedHost, Value: impersonateHost + ":443", Why: "Tokens of an impersonated account come from there.", When: acting})
}

// Validate refuses credentials that would not be used.
func (g *GoogleCloud) Validate(r *processors.Report) {
	if g.endpoint != "" && g.impersonate != "" && r.Known("endpoint") {
		r.Problem("impersonate", fault.New("google_impersonate_with_endpoint", "account", g.impersonate, "endpoint", g.endpoint).Permanent())
	}
	if g.endpoint != "" && g.key.IsSet() && r.Known("endpoint") {
		r.Problem("key", fault.New("google_key_with_endpoint", "key", g.key.Name(), "endpoint", g.endpoint).Permanent())
	}
}

// Client is an open service.
type Client struct {
	// Firestore is the low-level client; its calls are not retried beyond what
	// their options say.
	Firestore *apiv1.Client
	// Service is the name of the service in its flow.
	Service string
	// Project is the project's id, Database the Firestore database's.
	Project, Database string
	// Sandboxed is true when it talks to the server's own sandbox.
	Sandboxed bool

	// sandbox is its address then.
	sandbox string
	// found is the credential otherwise.
	found *found
	wire  *wire

	mu sync.Mutex
	// cached are the tokens by scope.
	cached map[string]auth.TokenProvider
}

// DatabasePath returns the resource name of the database.
func (c *Client) DatabasePath() string {
	return "projects/" + c.Project + "/databases/" + c.Database
}

// Root returns the resource name below which all documents lie.
func (c *Client) Root() string { return c.DatabasePath() + "/documents" }

// Outgoing returns a context for calls to Firestore: they name the database in a
// header too, by which Google routes those to databases other than the default.
func (c *Client) Outgoing(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "google-cloud-resource-prefix", c.DatabasePath())
}

// token returns a valid token for a scope, from the cache where there is one.
func (c *Client) token(ctx context.Context, scope string) (string, error) {
	c.mu.Lock()
	tokens, ok := c.cached[scope]
	if !ok {
		fresh, err := c.found.tokens(scope)
		if err != nil {
			c.mu.Unlock()
			return "", err
		}
		tokens = auth.NewCachedTokenProvider(fresh, &auth.CachedTokenProviderOptions{DisableAsyncRefresh: true})
		c.cached[scope] = tokens
	}
	c.mu.Unlock()
	t, err := tokens.Token(ctx)
	if err != nil {
		return "", err
	}
	return t.Value, nil
}

// Open returns a *Client. A credential is looked for, which asks the metadata
// server of the machine unless there is a better one; nothing else is sent yet.
func (g *GoogleCloud) Open(ctx context.Context, env processors.Env) (any, error) {
	g.name = env.Node
	c := &Client{Service: env.Node, Project: g.project, Database: g.database, Sandboxed: g.endpoint == Sandbox,
		cached: map[string]auth.TokenProvider{}}
	if c.Sandboxed {
		if env.Sandbox == "" {
			return nil, fault.New("google_no_sandbox", "service", env.Node).Permanent()
		}
		c.sandbox = env.Sandbox
		c.wire = newWire(processors.Env{})
		c.wire.plain.Proxy = nil
	} else {
		c.wire = newWire(env)
		var err error
		if c.found, err = g.find(ctx, c.wire); err != nil {
			c.wire.close()
			return nil, err
		}
	}
	conn, err := c.connect()
	if err == nil {
		c.Firestore, err = apiv1.NewClient(ctx, option.WithGRPCConn(conn))
	}
	if err != nil {
		c.wire.close()
		return nil, fault.New("google_client", "service", env.Node, "project", g.project).Permanent().Because(err)
	}
	g.client = c
	return c, nil
}

// Close closes the connections.
func (g *GoogleCloud) Close(context.Context) error {
	if g.client == nil {
		return nil
	}
	err := g.client.Firestore.Close()
	g.client.wire.close()
	g.client = nil
	if err != nil {
		return fmt.Errorf("close Firestore client: %w", err)
	}
	return nil
}
