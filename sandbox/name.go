package sandbox

import (
	"strings"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// key is a document's or collection's path below the database with NUL between
// the segments, so that comparing keys as bytes compares paths segment by
// segment, which is the order of __name__. The empty key is the root.
type key = string

const sep = "\x00"

// names turns resource names of one database into keys and back.
type names struct {
	project, database string
	root              string // projects/P/databases/D/documents
}

func newNames(project, database string) names {
	return names{project, database, "projects/" + project + "/databases/" + database + "/documents"}
}

// checkDatabase answers as Google does for a database that is not served here.
func (n names) checkDatabase(name string) error {
	rest, ok := strings.CutPrefix(name, "projects/")
	if !ok {
		return status.Errorf(codes.InvalidArgument, "Resource name %q lacks \"projects\" at index 0.", name)
	}
	project, rest, _ := strings.Cut(rest, "/")
	rest, ok = strings.CutPrefix(rest, "databases/")
	if !ok {
		return status.Errorf(codes.InvalidArgument, "Resource name %q lacks \"databases\" at index 2.", name)
	}
	database, _, _ := strings.Cut(rest, "/")
	if project != n.project {
		return status.Errorf(codes.PermissionDenied, "Permission denied on resource project %s.", project)
	}
	if database != n.database {
		return noDatabase(project, database)
	}
	return nil
}

func noDatabase(project, database string) error {
	return status.Errorf(codes.NotFound, "The database %s does not exist for project %s Please visit "+
		"https://console.cloud.google.com/datastore/setup?project=%s to add a Cloud Datastore or Cloud Firestore database. ",
		database, project, project)
}

// parent reads a parent resource: the documents root or a document.
func (n names) parent(name string) (key, error) {
	if err := n.checkDatabase(name); err != nil {
		return "", err
	}
	if name == n.root {
		return "", nil
	}
	return n.path(name, "Parent")
}

// document reads a document's resource name.
func (n names) document(name string) (key, error) {
	if err := n.checkDatabase(name); err != nil {
		return "", err
	}
	return n.path(name, "Document name")
}

func (n names) path(name, what string) (key, error) {
	rest, ok := strings.CutPrefix(name, n.root+"/")
	if !ok {
		return "", status.Errorf(codes.InvalidArgument, "%s %q lacks \"documents\" at index 4.", what, name)
	}
	k, err := pathKey(rest)
	if err != nil {
		return "", err
	}
	if depth(k)%2 != 0 {
		return "", status.Errorf(codes.InvalidArgument,
			"%s %q has an odd number of segments: it names a collection, not a document.", what, name)
	}
	return k, nil
}

// pathKey reads a slash-separated path.
func pathKey(path string) (key, error) {
	for seg := range strings.SplitSeq(path, "/") {
		if err := checkSegment(seg); err != nil {
			return "", err
		}
	}
	return strings.ReplaceAll(path, "/", sep), nil
}

func checkSegment(seg string) error {
	switch {
	case seg == "":
		return status.Error(codes.InvalidArgument, "Resource id is empty: a path has no empty segment.")
	case len(seg) > 1500:
		return status.Errorf(codes.InvalidArgument, "Resource id %.40q... is longer than 1500 bytes.", seg)
	case seg == "." || seg == "..":
		return status.Errorf(codes.InvalidArgument, "Resource id %q is invalid because it is \".\" or \"..\".", seg)
	case len(seg) >= 4 && strings.HasPrefix(seg, "__") && strings.HasSuffix(seg, "__"):
		return status.Errorf(codes.InvalidArgument, "Resource id %q is invalid because it is reserved.", seg)
	case strings.ContainsAny(seg, "/"+sep) || !utf8.ValidString(seg):
		return status.Errorf(codes.InvalidArgument, "Resource id %q holds a byte that is not allowed.", seg)
	}
	return nil
}

// resource returns the resource name of a key.
func (n names) resource(k key) string {
	if k == "" {
		return n.root
	}
	return n.root + "/" + strings.ReplaceAll(k, sep, "/")
}

// depth returns the number of segments.
func depth(k key) int {
	if k == "" {
		return 0
	}
	return strings.Count(k, sep) + 1
}

// child appends segments to a key.
func child(k key, segs ...string) key {
	for _, s := range segs {
		if k == "" {
			k = s
		} else {
			k += sep + s
		}
	}
	return k
}

// collectionOf returns the id of the collection that holds the document.
func collectionOf(k key) string {
	k = k[:strings.LastIndex(k, sep)]
	return k[strings.LastIndex(k, sep)+1:]
}

// below returns the prefix that every key below k has.
func below(k key) string {
	if k == "" {
		return ""
	}
	return k + sep
}
