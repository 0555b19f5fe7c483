package flowfile

import "strconv"

// Facts are the names by which expressions ask what a FlowFile is, where it has no
// attribute of that name; they are NiFi's. None of them is copied, stored or
// matched as an attribute.
//
//	fileSize          the bytes of its content
//	record.count      its records, where they were counted
//	flowFileId        its id
//	lineageStartDate  when its oldest ancestor entered the flow, in milliseconds since 1970
var Facts = []string{"fileSize", "record.count", "flowFileId", "lineageStartDate"}

func (f *FlowFile) fact(name string) (string, bool) {
	n := int64(0)
	switch name {
	case "fileSize":
		n = f.Content.Size
	case "record.count":
		if n = f.Rows; n == UnknownRows {
			return "", false
		}
	case "flowFileId":
		return f.ID.String(), true
	case "lineageStartDate":
		if f.Entered.IsZero() {
			return "", false
		}
		n = f.Entered.UnixMilli()
	default:
		return "", false
	}
	return strconv.FormatInt(n, 10), true
}
