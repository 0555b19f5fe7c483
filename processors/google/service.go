// Package google is the account at Google Cloud that the nodes of a flow share.
//
// GoogleCloud is the service kind; what it opens is a *Client, which leaves get
// with processors.Client. It holds one gRPC connection to Firestore, the project
// and the database.
//
// Where a token may go is the point of this package. Without an endpoint the
// client talks to Google's hosts alone, with a service account's key or with
// Application Default Credentials. With the endpoint "sandbox", the only other
// one there is, the connection goes to the server's own sandbox in the clear and
// no credential is looked up at all, so a flow that somebody sent cannot carry a
// token elsewhere. No environment variable changes the address.
package google

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"cloud.google.com/go/auth/credentials"
	apiv1 "cloud.google.com/go/firestore/apiv1"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
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

// Scope is what tokens are asked for.
const Scope = "https://www.googleapis.com/auth/datastore"

// GoogleCloud is the service: a project, and how to prove who asks.
type GoogleCloud struct {
	project, database, endpoint string
	key                         processors.Secret

	// transport carries Google's hosts elsewhere in tests.
	transport []option.ClientOption
	client    *Client
}

// Define describes the service.
func (g *GoogleCloud) Define(s *processors.Spec) {
	s.Describe(Kind, "A Google Cloud project and the credentials to use it.", "google", "gcp", "firestore", "account")
	s.String(&g.project, "project", "The id of the project, not its number or display name.", processors.Required,
		processors.Example("calback-prod"),
		processors.Pattern(`([a-z][a-z0-9.-]*:)?[a-z][a-z0-9-]{4,28}[a-z0-9]`, "a project id: 6 to 30 small letters, digits and hyphens"))
	s.String(&g.database, "database", "The Firestore database.", processors.Advanced, processors.Example("(default)"),
		processors.Pattern(`\(default\)|[a-z][a-z0-9-]{2,61}[a-z0-9]`, "(default), or a database id of 4 to 63 small letters, digits and hyphens"))
	s.Secret(&g.key, "key", "The JSON key of a service account; without it, Application Default Credentials are used.")
	s.Choice(&g.endpoint, "endpoint", "Where to connect instead of to Google; empty means Google.",
		[]processors.ChoiceValue{{Value: Sandbox, Doc: "The server's own sandbox, without any credentials."}}, processors.Advanced)
	google := func() bool { return g.endpoint == "" }
	s.Needs(
		processors.Need{Kind: processors.NeedResource, Value: &g.project, Why: "The project that is used."},
		processors.Need{Kind: processors.NeedScope, Value: Scope, Why: "Tokens are asked for Firestore alone.", When: google},
		processors.Need{Kind: processors.NeedHost, Value: "oauth2.googleapis.com:443", Why: "Tokens come from there.", When: google})
}

// Validate refuses a key that would not be used.
func (g *GoogleCloud) Validate(r *processors.Report) {
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
	service *GoogleCloud
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

// Open returns a *Client. Nothing is sent yet.
func (g *GoogleCloud) Open(ctx context.Context, env processors.Env) (any, error) {
	options, err := g.options(env)
	if err != nil {
		return nil, err
	}
	options = append(options, option.WithGRPCDialOption(grpc.WithInitialWindowSize(window)),
		option.WithGRPCDialOption(grpc.WithInitialConnWindowSize(window)))
	fs, err := apiv1.NewClient(ctx, append(options, g.transport...)...)
	if err != nil {
		return nil, fault.New("google_client", "service", env.Node, "project", g.project).Permanent().Because(err)
	}
	g.client = &Client{Firestore: fs, Service: env.Node, Project: g.project, Database: g.database, Sandboxed: g.endpoint == Sandbox,
		sandbox: env.Sandbox, service: g}
	return g.client, nil
}

// Close closes the connection.
func (g *GoogleCloud) Close(context.Context) error {
	if g.client == nil {
		return nil
	}
	err := g.client.Firestore.Close()
	g.client = nil
	if err != nil {
		return fmt.Errorf("close Firestore client: %w", err)
	}
	return nil
}

// options say where to connect and as whom.
func (g *GoogleCloud) options(env processors.Env) ([]option.ClientOption, error) {
	switch {
	case g.endpoint == Sandbox:
		return sandboxOptions(env)
	case g.key.IsSet():
		return g.keyOptions()
	}
	creds, err := credentials.DetectDefault(&credentials.DetectOptions{Scopes: []string{Scope}, UseSelfSignedJWT: true})
	if err != nil {
		return nil, fault.New("google_no_credentials", "service", env.Node).Permanent().Because(err)
	}
	return []option.ClientOption{option.WithAuthCredentials(creds)}, nil
}

// httpOptions say as whom to use an HTTP service of Google's.
func (g *GoogleCloud) httpOptions(a API) ([]option.ClientOption, error) {
	if g.key.IsSet() {
		text, err := g.key.Reveal()
		if err != nil {
			return nil, err
		}
		return []option.ClientOption{option.WithAuthCredentialsJSON(option.ServiceAccount, []byte(text)), option.WithScopes(a.Scope)}, nil
	}
	creds, err := credentials.DetectDefault(&credentials.DetectOptions{Scopes: []string{a.Scope}, UseSelfSignedJWT: true})
	if err != nil {
		return nil, fault.New("google_no_credentials", "service", g.client.Service).Permanent().Because(err)
	}
	return []option.ClientOption{option.WithAuthCredentials(creds)}, nil
}

// sandboxOptions bring a connection of their own, for which the client library
// looks up neither address nor credentials.
func sandboxOptions(env processors.Env) ([]option.ClientOption, error) {
	if env.Sandbox == "" {
		return nil, fault.New("google_no_sandbox", "service", env.Node).Permanent()
	}
	conn, err := grpc.NewClient(env.Sandbox, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy(),
		grpc.WithInitialWindowSize(window), grpc.WithInitialConnWindowSize(window),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32)))
	if err != nil {
		return nil, fault.New("google_client", "service", env.Node, "project", "").Permanent().Because(err)
	}
	return []option.ClientOption{option.WithGRPCConn(conn)}, nil
}

// keyOptions take a service account's key. Other credentials in JSON may name a
// host to send something to, or a program to run, so they are refused.
func (g *GoogleCloud) keyOptions() ([]option.ClientOption, error) {
	text, err := g.key.Reveal()
	if err != nil {
		return nil, err
	}
	var is struct {
		Type    string `json:"type"`
		Email   string `json:"client_email"`
		Private string `json:"private_key"`
	}
	if err := json.Unmarshal([]byte(text), &is); err != nil || is.Type != string(credentials.ServiceAccount) || is.Email == "" || is.Private == "" {
		return nil, fault.New("google_key_bad", "key", g.key.Name()).Permanent()
	}
	return []option.ClientOption{option.WithAuthCredentialsJSON(option.ServiceAccount, []byte(text)), option.WithScopes(Scope)}, nil
}
