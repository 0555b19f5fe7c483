// Package all registers every kind that Weir comes with. Importing it is enough;
// it has nothing else. A new leaf adds one line here.
package all

import (
	_ "github.com/weirflow/weir/processors/basic"     // GenerateFlowFile and kinds over attributes
	_ "github.com/weirflow/weir/processors/bigquery"  // LoadBigQuery
	_ "github.com/weirflow/weir/processors/csv"       // WriteCSV
	_ "github.com/weirflow/weir/processors/files"     // ReadFile, FetchFile, ListFile, WriteFile
	_ "github.com/weirflow/weir/processors/firestore" // ReadFirestore
	_ "github.com/weirflow/weir/processors/ga4"       // ReadGA4
	_ "github.com/weirflow/weir/processors/google"    // the service GoogleCloud
	_ "github.com/weirflow/weir/processors/join"      // JoinRecords
	_ "github.com/weirflow/weir/processors/sql"       // QueryRecord, WriteDuckDB
)
