package sandbox

// Texts of the Data API.
const (
	noProperty = "User does not have sufficient permissions for this property. To learn more about Property ID, " +
		"see https://developers.google.com/analytics/devguides/reporting/data/v1/property-id."
	exhaustedProjectHour = "Exhausted property tokens for a project per hour. These quota tokens will return in under an hour. " +
		"To learn more, see https://developers.google.com/analytics/devguides/reporting/data/v1/quotas"
)
