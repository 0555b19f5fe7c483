package bigquery

import (
	"slices"
	"strings"
)

// loadConfig is configuration.load.
type loadConfig struct {
	Destination         *TableReference   `json:"destinationTable"`
	Schema              *Schema           `json:"schema"`
	SourceURIs          []string          `json:"sourceUris"`
	SourceFormat        string            `json:"sourceFormat"`
	CreateDisposition   string            `json:"createDisposition"`
	WriteDisposition    string            `json:"writeDisposition"`
	SchemaUpdateOptions []string          `json:"schemaUpdateOptions"`
	TimePartitioning    *TimePartitioning `json:"timePartitioning"`
	Clustering          *Clustering       `json:"clustering"`
	Autodetect          bool              `json:"autodetect"`
	MaxBadRecords       Int               `json:"maxBadRecords"`
	IgnoreUnknownValues bool              `json:"ignoreUnknownValues"`

	SkipLeadingRows     Int      `json:"skipLeadingRows"`
	Quote               *string  `json:"quote"`
	FieldDelimiter      string   `json:"fieldDelimiter"`
	AllowQuotedNewlines bool     `json:"allowQuotedNewlines"`
	AllowJaggedRows     bool     `json:"allowJaggedRows"`
	NullMarker          *string  `json:"nullMarker"`
	NullMarkers         []string `json:"nullMarkers"`
	Encoding            string   `json:"encoding"`
	SourceColumnMatch   string   `json:"sourceColumnMatch"`

	ParquetOptions *struct {
		EnableListInference bool `json:"enableListInference"`
		EnumAsString        bool `json:"enumAsString"`
	} `json:"parquetOptions"`
	DecimalTargetTypes []string `json:"decimalTargetTypes"`

	table, partition string // of the destination
	decorated        bool
}

// oneOf checks a word and gives it its default.
func oneOf(name string, value *string, words ...string) error {
	*value = strings.ToUpper(*value)
	if *value == "" {
		*value = words[0]
	}
	if !slices.Contains(words, *value) {
		return problem(ReasonInvalid, "Invalid value for %s: %s is not a valid value", name, *value)
	}
	return nil
}

// checkLoad finds what is wrong before there is a job, and returns its
// location; mu is held.
func (s *Server) checkLoad(l *loadConfig, location string, m *media) (string, error) {
	if l.Destination == nil || l.Destination.TableID == "" {
		return "", problem(ReasonRequired, "Required parameter is missing: destinationTable")
	}
	if p := l.Destination.ProjectID; p != "" && p != s.config.Project {
		return "", problem(ReasonNotFound, "Not found: Project %s", p)
	}
	l.table, l.partition, l.decorated = splitDecorator(l.Destination.TableID)
	d, err := s.datasetOf(l.Destination.DatasetID)
	if err != nil {
		return "", err
	}
	if location != "" && !strings.EqualFold(location, d.wire.Location) {
		return "", problem(ReasonNotFound, "Not found: Dataset %s was not found in location %s", d.wire.ID, location)
	}
	if len(l.SourceURIs) > 0 {
		return "", problem(ReasonNotImplemented, "The sandbox loads what is uploaded with the job, not sourceUris.")
	}
	if m == nil {
		return "", problem(ReasonRequired, "Required parameter is missing: sourceUris, or an upload of the data.")
	}
	for _, check := range []error{
		oneOf("sourceFormat", &l.SourceFormat, "CSV", "NEWLINE_DELIMITED_JSON", "PARQUET"),
		oneOf("createDisposition", &l.CreateDisposition, "CREATE_IF_NEEDED", "CREATE_NEVER"),
		oneOf("writeDisposition", &l.WriteDisposition, "WRITE_APPEND", "WRITE_TRUNCATE", "WRITE_EMPTY"),
		oneOf("encoding", &l.Encoding, "UTF-8"),
		oneOf("sourceColumnMatch", &l.SourceColumnMatch, "POSITION", "NAME"),
	} {
		if check != nil {
			return "", check
		}
	}
	for i := range l.SchemaUpdateOptions {
		if err := oneOf("schemaUpdateOptions", &l.SchemaUpdateOptions[i], "ALLOW_FIELD_ADDITION", "ALLOW_FIELD_RELAXATION"); err != nil {
			return "", err
		}
	}
	if len(l.SchemaUpdateOptions) > 0 && l.WriteDisposition != "WRITE_APPEND" && (l.WriteDisposition != "WRITE_TRUNCATE" || !l.decorated) {
		return "", problem(ReasonInvalid, "Schema update options should only be specified with WRITE_APPEND disposition, or with WRITE_TRUNCATE disposition on a table partition.")
	}
	if l.Schema != nil {
		if len(l.Schema.Fields) == 0 {
			l.Schema = nil
		} else if err := l.Schema.normalize(); err != nil {
			return "", err
		}
	}
	if t := d.tables[l.table]; t != nil && l.decorated {
		if _, err := t.partition(l.partition); err != nil {
			return "", err
		}
	}
	return d.wire.Location, nil
}
