#!/usr/bin/env bash
# Prepares the Google Cloud project {{.Project}} for Weir.
#
# Weir printed this script and has run none of it. Read it, then run it with bash,
# signed in with `gcloud auth login` as somebody who may change the project. It may
# be run again: what is there already stays as it is.
#
# It switches on APIs, makes a service account, grants it the narrowest roles that
# do{{if .Dataset}}, makes the dataset{{end}}, and lets you act as the account. It makes no key.
# What no command can do stands at the end, in comments: do not stop before it.
set -euo pipefail

PROJECT={{q .Project}}
ACCOUNT={{q .Email}}
{{- if .Dataset}}
DATASET={{q .Dataset}}
LOCATION={{q .Location}}
{{- end}}

# {{step}}. Switch on the APIs.
{{range .APIs}}#    {{.Name}}: {{.Kinds}}
{{end}}gcloud services enable --project="$PROJECT"{{range .APIs}} \
  {{.Name}}{{end}}

# {{step}}. Make the service account that Weir acts as.
#    Google takes some seconds to know a new account everywhere: if a step below says
#    that there is none, wait a minute and run the script again.
gcloud iam service-accounts describe "$ACCOUNT" --project="$PROJECT" >/dev/null 2>&1 ||
  gcloud iam service-accounts create {{q .Name}} --project="$PROJECT" --display-name='Weir'
{{if .OnProject}}
# {{step}}. Grant it its roles on the project.
{{range .Roles}}{{if not .OnDataset}}#    {{.Name}}: {{.Kinds}}
gcloud projects add-iam-policy-binding "$PROJECT" \
  --member="serviceAccount:$ACCOUNT" --role={{q .Name}} --condition=None >/dev/null
{{end}}{{end}}
{{- end}}
{{- if .Dataset}}
# {{step}}. Make the dataset at {{.Location}}, which cannot be changed later, and let the
#    account write to this dataset alone.
bq --project_id="$PROJECT" show --dataset "$PROJECT:$DATASET" >/dev/null 2>&1 ||
  bq --project_id="$PROJECT" --location="$LOCATION" mk --dataset "$PROJECT:$DATASET"
{{range .Roles}}{{if .OnDataset}}#    {{.Name}}: {{.Kinds}}
bq --project_id="$PROJECT" --location="$LOCATION" query --use_legacy_sql=false --format=none \
  "GRANT \`{{.Name}}\` ON SCHEMA \`$PROJECT.$DATASET\` TO 'serviceAccount:$ACCOUNT'"
{{end}}{{end}}
{{- end}}
# {{step}}. Let yourself act as the account, so that no key is needed on your machine.
ME="$(gcloud config get-value account 2>/dev/null)"
case "$ME" in
*.gserviceaccount.com) ME="serviceAccount:$ME" ;;
*) ME="user:$ME" ;;
esac
gcloud iam service-accounts add-iam-policy-binding "$ACCOUNT" --project="$PROJECT" --member="$ME" \
  --role='roles/iam.serviceAccountTokenCreator' --condition=None >/dev/null
{{if .Property}}
# BY HAND: let the account read the Analytics property {{.Property}}.
#    Roles of the project do not count for Analytics, not even owner. Open
#      https://analytics.google.com/analytics/web/#/p{{.Property}}/admin
#    and there Property settings > Property > Property access management, then
#    + > Add users, with this e-mail, the role Viewer and no notification:
#      {{.Email}}
{{end}}
# BY HAND: let Weir be this account. Take the first that fits.
#    a. Weir runs on a machine at Google Cloud: attach the account to it. The machine
#       must be stopped for this.
#         gcloud compute instances set-service-account MACHINE --zone=ZONE \
#           --service-account={{.Email}} \
#           --scopes=https://www.googleapis.com/auth/cloud-platform,https://www.googleapis.com/auth/analytics.readonly
#    b. Weir runs on your own machine: log in once, acting as the account.
#         gcloud auth application-default login --impersonate-service-account={{.Email}}
#    c. Weir runs elsewhere, where something else vouches for it (GitHub Actions, AWS,
#       Azure, Kubernetes): make a workload identity pool, let the identity act as the
#       account, and name the file that this writes in GOOGLE_APPLICATION_CREDENTIALS.
#         gcloud iam workload-identity-pools create-cred-config PROVIDER \
#           --service-account={{.Email}} --output-file=weir-identity.json
#    d. Nothing else fits: a key, which is a password that never expires.
#         gcloud iam service-accounts keys create weir-key.json --iam-account={{.Email}}
#         weir secret set gcp-key < weir-key.json && shred -u weir-key.json
#       and in the service's settings: "key": {"secret": "gcp-key"}
#
# The service in your flow file:
#    "services": {"gcp": {"kind": "GoogleCloud", "settings": {"project": "{{.Project}}"}}}
# Then `weir flow verify FLOW.json` tries every step, and says what is still missing.
