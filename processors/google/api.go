package google

import (
	"net/http"

	"google.golang.org/api/option"
)

// API is one of Google's HTTP services.
type API struct {
	// Host is where Google answers; the sandbox answers for all at one address.
	Host string
	// Path is the root of the service's methods there, with slashes around it.
	Path string
	// Scope is what tokens are asked for.
	Scope string
}

// The HTTP services that kinds use.
var (
	Analytics = API{"analyticsdata.googleapis.com", "/", "https://www.googleapis.com/auth/analytics.readonly"}
	BigQuery  = API{"bigquery.googleapis.com", "/bigquery/v2/", "https://www.googleapis.com/auth/bigquery"}
)

// Options returns what a client library of Google's needs to use an API as this
// service: an address and a way to prove who asks. In the sandbox nothing is
// proved and no proxy is asked.
func (c *Client) Options(a API) ([]option.ClientOption, error) {
	if c.Sandboxed {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.Proxy = nil
		return []option.ClientOption{option.WithEndpoint("http://" + c.sandbox + a.Path), option.WithHTTPClient(&http.Client{Transport: transport})}, nil
	}
	return c.service.httpOptions(a)
}
