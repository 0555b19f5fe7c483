package sandbox

// noProperty is what the Data API says of a property that one may not see,
// whether there is such a one or not.
const noProperty = "User does not have sufficient permissions for this property. To learn more about Property ID, " +
	"see https://developers.google.com/analytics/devguides/reporting/data/v1/property-id."
