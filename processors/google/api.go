package google

import (
	"crypto/tls"
	"fmt"
	"math"
	"net/http"
	"slices"

	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// API is one of Google's services.
type API struct {
	// Host is where Google answers, and the name by which the API is switched on
	// in a project. The sandbox answers for all at one address.
	Host string
	// Path is the root of the methods there, with slashes around it.
	Path string
	// Scope is what tokens are asked for: the least that the kinds need.
	Scope string
	// Wider are the scopes that include Scope.
	Wider []string
}

// cloudPlatform is the scope that covers the APIs of Google Cloud, of which
// Analytics is none.
const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform"

// The services that kinds use.
var (
	Firestore = API{Host: "firestore.googleapis.com", Path: "/v1/", Scope: Scope, Wider: []string{cloudPlatform}}
	Analytics = API{Host: "analyticsdata.googleapis.com", Path: "/", Scope: "https://www.googleapis.com/auth/analytics.readonly",
		Wider: []string{"https://www.googleapis.com/auth/analytics"}}
	BigQuery = API{Host: "bigquery.googleapis.com", Path: "/bigquery/v2/", Scope: "https://www.googleapis.com/auth/bigquery",
		Wider: []string{cloudPlatform}}
)

// covered reports whether a token of these scopes may use the API.
func (a API) covered(scopes []string) bool {
	return slices.ContainsFunc(scopes, func(s string) bool { return s == a.Scope || slices.Contains(a.Wider, s) })
}

// HTTP returns a client that may use one HTTP service as this account, and the
// root of that service's methods, which ends in a slash. The client sends its
// token to the service's own host and refuses every other, redirects included.
// In the sandbox nothing is proved and no proxy is asked.
func (c *Client) HTTP(a API) (client *http.Client, root string) {
	if c.Sandboxed {
		return &http.Client{Transport: c.wire.plain}, "http://" + c.sandbox + a.Path
	}
	return &http.Client{Transport: &bearer{client: c, api: a}}, "https://" + a.Host + a.Path
}

// Options returns what a client library of Google's needs to use an HTTP
// service as this account does: an address, and a client as that of HTTP.
func (c *Client) Options(a API) ([]option.ClientOption, error) {
	client, root := c.HTTP(a)
	return []option.ClientOption{option.WithEndpoint(root), option.WithHTTPClient(client)}, nil
}

// connect returns the connection to Firestore: a connection of our own, for
// which the client library looks up neither address nor credentials.
func (c *Client) connect() (*grpc.ClientConn, error) {
	options := []grpc.DialOption{
		grpc.WithInitialWindowSize(window), grpc.WithInitialConnWindowSize(window),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32))}
	target := c.sandbox
	if c.Sandboxed {
		options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy())
	} else {
		target = "dns:///" + Firestore.Host + ":443"
		options = append(options, grpc.WithPerRPCCredentials(perCall{c, Firestore}),
			grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: c.wire.roots, MinVersion: tls.VersionTLS12})))
		if c.wire.dial != nil {
			target = "passthrough:///" + Firestore.Host + ":443"
			options = append(options, grpc.WithContextDialer(c.wire.dialTCP), grpc.WithNoProxy())
		}
	}
	conn, err := grpc.NewClient(target, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare connection to %s: %w", target, err)
	}
	return conn, nil
}
