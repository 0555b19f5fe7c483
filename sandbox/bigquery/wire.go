package bigquery

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// Int is a 64-bit number as Google sends it, a string; it reads plain numbers
// too.
type Int int64

// MarshalJSON writes the number as a string.
func (i Int) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strconv.FormatInt(int64(i), 10)), nil
}

// UnmarshalJSON reads a string or a number.
func (i *Int) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	n, err := strconv.ParseInt(string(bytes.Trim(b, `"`)), 10, 64)
	if err != nil {
		return fmt.Errorf("%s is not a whole number", b)
	}
	*i = Int(n)
	return nil
}

// ErrorProto is an error of a job or of a row.
type ErrorProto struct {
	Reason   string `json:"reason,omitempty"`
	Location string `json:"location,omitempty"`
	Message  string `json:"message,omitempty"`
}

// DatasetReference names a dataset.
type DatasetReference struct {
	ProjectID string `json:"projectId,omitempty"`
	DatasetID string `json:"datasetId"`
}

// TableReference names a table or, with $ and a partition, a part of one.
type TableReference struct {
	ProjectID string `json:"projectId"`
	DatasetID string `json:"datasetId"`
	TableID   string `json:"tableId"`
}

// JobReference names a job.
type JobReference struct {
	ProjectID string `json:"projectId"`
	JobID     string `json:"jobId"`
	Location  string `json:"location,omitempty"`
}

// Dataset is the resource of that name.
type Dataset struct {
	Kind                         string            `json:"kind"`
	ID                           string            `json:"id"`
	ETag                         string            `json:"etag"`
	SelfLink                     string            `json:"selfLink,omitempty"`
	Reference                    *DatasetReference `json:"datasetReference,omitempty"`
	FriendlyName                 string            `json:"friendlyName,omitempty"`
	Description                  string            `json:"description,omitempty"`
	Labels                       labels            `json:"labels,omitempty"`
	Location                     string            `json:"location,omitempty"`
	Access                       json.RawMessage   `json:"access,omitempty"`
	DefaultTableExpirationMs     Int               `json:"defaultTableExpirationMs,omitzero"`
	DefaultPartitionExpirationMs Int               `json:"defaultPartitionExpirationMs,omitzero"`
	MaxTimeTravelHours           Int               `json:"maxTimeTravelHours,omitzero"`
	StorageBillingModel          string            `json:"storageBillingModel,omitempty"`
	DefaultCollation             string            `json:"defaultCollation,omitempty"`
	CreationTime                 Int               `json:"creationTime"`
	LastModifiedTime             Int               `json:"lastModifiedTime"`
	Type                         string            `json:"type,omitempty"`
}

func (d *Dataset) etag() string { return d.ETag }

// Field is a column of a schema.
type Field struct {
	Name                   string          `json:"name"`
	Type                   string          `json:"type"`
	Mode                   string          `json:"mode,omitempty"`
	Description            string          `json:"description,omitempty"`
	Fields                 []*Field        `json:"fields,omitempty"`
	MaxLength              Int             `json:"maxLength,omitzero"`
	Precision              Int             `json:"precision,omitzero"`
	Scale                  Int             `json:"scale,omitzero"`
	DefaultValueExpression string          `json:"defaultValueExpression,omitempty"`
	Collation              string          `json:"collation,omitempty"`
	RoundingMode           string          `json:"roundingMode,omitempty"`
	PolicyTags             json.RawMessage `json:"policyTags,omitempty"`
}

// Schema is the columns of a table.
type Schema struct {
	Fields []*Field `json:"fields,omitempty"`
}

// TimePartitioning says how a table is cut by time.
type TimePartitioning struct {
	Type                   string `json:"type,omitempty"`
	Field                  string `json:"field,omitempty"`
	ExpirationMs           Int    `json:"expirationMs,omitzero"`
	RequirePartitionFilter bool   `json:"requirePartitionFilter,omitempty"`
}

// Clustering names the columns by which a table is sorted.
type Clustering struct {
	Fields []string `json:"fields,omitempty"`
}

// Table is the resource of that name.
type Table struct {
	Kind                   string            `json:"kind"`
	ETag                   string            `json:"etag"`
	ID                     string            `json:"id"`
	SelfLink               string            `json:"selfLink"`
	Reference              *TableReference   `json:"tableReference,omitempty"`
	FriendlyName           string            `json:"friendlyName,omitempty"`
	Description            string            `json:"description,omitempty"`
	Labels                 labels            `json:"labels,omitempty"`
	Schema                 *Schema           `json:"schema,omitempty"`
	TimePartitioning       *TimePartitioning `json:"timePartitioning,omitempty"`
	RangePartitioning      json.RawMessage   `json:"rangePartitioning,omitempty"`
	Clustering             *Clustering       `json:"clustering,omitempty"`
	RequirePartitionFilter bool              `json:"requirePartitionFilter,omitempty"`
	NumBytes               Int               `json:"numBytes"`
	NumLongTermBytes       Int               `json:"numLongTermBytes"`
	NumRows                Int               `json:"numRows"`
	NumPartitions          Int               `json:"numPartitions,omitzero"`
	NumTotalLogicalBytes   Int               `json:"numTotalLogicalBytes"`
	NumActiveLogicalBytes  Int               `json:"numActiveLogicalBytes"`
	CreationTime           Int               `json:"creationTime"`
	ExpirationTime         Int               `json:"expirationTime,omitzero"`
	LastModifiedTime       Int               `json:"lastModifiedTime"`
	Type                   string            `json:"type"`
	Location               string            `json:"location"`
	View                   json.RawMessage   `json:"view,omitempty"`
	MaterializedView       json.RawMessage   `json:"materializedView,omitempty"`
	ExternalData           json.RawMessage   `json:"externalDataConfiguration,omitempty"`
	TableConstraints       json.RawMessage   `json:"tableConstraints,omitempty"`
}

func (t *Table) etag() string { return t.ETag }

// labels are free pairs; a null in a patch removes one.
type labels map[string]string

// UnmarshalJSON merges into the labels that are there.
func (l *labels) UnmarshalJSON(b []byte) error {
	var m map[string]*string
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	merged := labels{}
	for k, v := range *l {
		merged[k] = v
	}
	for k, v := range m {
		if v == nil {
			delete(merged, k)
		} else {
			merged[k] = *v
		}
	}
	*l = merged
	return nil
}
