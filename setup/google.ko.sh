#!/usr/bin/env bash
# Google Cloud 프로젝트 {{.Project}}을(를) Weir에 맞게 준비합니다.
#
# Weir는 이 스크립트를 출력만 했고 아무것도 실행하지 않았습니다. 읽어 본 뒤, 프로젝트를
# 바꿀 수 있는 사람으로 `gcloud auth login`한 상태에서 bash로 실행하세요. 다시 실행해도
# 됩니다. 이미 있는 것은 그대로 둡니다.
#
# API를 켜고, 서비스 계정을 만들고, 필요한 가장 좁은 역할을 주고,{{if .Dataset}} 데이터세트를 만들고,{{end}} 당신이
# 그 계정으로 일할 수 있게 합니다. 키는 만들지 않습니다.
# 명령으로 할 수 없는 일은 끝에 주석으로 적혀 있습니다. 끝까지 읽으세요.
set -euo pipefail

PROJECT={{q .Project}}
ACCOUNT={{q .Email}}
{{- if .Dataset}}
DATASET={{q .Dataset}}
LOCATION={{q .Location}}
{{- end}}

# {{step}}. API를 켭니다.
{{range .APIs}}#    {{.Name}}: {{.Kinds}}
{{end}}gcloud services enable --project="$PROJECT"{{range .APIs}} \
  {{.Name}}{{end}}

# {{step}}. Weir가 쓸 서비스 계정을 만듭니다.
#    새 계정이 Google 전체에 알려지는 데 몇 초가 걸립니다. 아래 단계가 계정이 없다고 하면
#    1분 기다렸다가 스크립트를 다시 실행하세요.
gcloud iam service-accounts describe "$ACCOUNT" --project="$PROJECT" >/dev/null 2>&1 ||
  gcloud iam service-accounts create {{q .Name}} --project="$PROJECT" --display-name='Weir'
{{if .OnProject}}
# {{step}}. 프로젝트에 대한 역할을 줍니다.
{{range .Roles}}{{if not .OnDataset}}#    {{.Name}}: {{.Kinds}}
gcloud projects add-iam-policy-binding "$PROJECT" \
  --member="serviceAccount:$ACCOUNT" --role={{q .Name}} --condition=None >/dev/null
{{end}}{{end}}
{{- end}}
{{- if .Dataset}}
# {{step}}. 데이터세트를 {{.Location}}에 만들고(위치는 나중에 바꿀 수 없습니다), 계정이 이
#    데이터세트에만 쓸 수 있게 합니다.
bq --project_id="$PROJECT" show --dataset "$PROJECT:$DATASET" >/dev/null 2>&1 ||
  bq --project_id="$PROJECT" --location="$LOCATION" mk --dataset "$PROJECT:$DATASET"
{{range .Roles}}{{if .OnDataset}}#    {{.Name}}: {{.Kinds}}
bq --project_id="$PROJECT" --location="$LOCATION" query --use_legacy_sql=false --format=none \
  "GRANT \`{{.Name}}\` ON SCHEMA \`$PROJECT.$DATASET\` TO 'serviceAccount:$ACCOUNT'"
{{end}}{{end}}
{{- end}}
# {{step}}. 당신이 이 계정으로 일할 수 있게 합니다. 그러면 당신의 컴퓨터에 키가 필요 없습니다.
ME="$(gcloud config get-value account 2>/dev/null)"
case "$ME" in
*.gserviceaccount.com) ME="serviceAccount:$ME" ;;
*) ME="user:$ME" ;;
esac
gcloud iam service-accounts add-iam-policy-binding "$ACCOUNT" --project="$PROJECT" --member="$ME" \
  --role='roles/iam.serviceAccountTokenCreator' --condition=None >/dev/null
{{if .Property}}
# 손으로 할 일: 계정이 애널리틱스 속성 {{.Property}}을(를) 읽을 수 있게 합니다.
#    애널리틱스에서는 프로젝트의 역할이 소용없습니다. 소유자여도 마찬가지입니다.
#      https://analytics.google.com/analytics/web/#/p{{.Property}}/admin
#    을 열고 속성 설정 > 속성 > 속성 액세스 관리로 가서, + > 사용자 추가를 누르고
#    다음 이메일을 '뷰어' 역할로, 알림 없이 추가하세요.
#      {{.Email}}
{{end}}
# 손으로 할 일: Weir가 이 계정이 되게 합니다. 맞는 것 중 가장 앞의 것을 고르세요.
#    a. Weir가 Google Cloud의 머신에서 돈다면 계정을 머신에 연결합니다. 이때 머신이 멈춰
#       있어야 합니다.
#         gcloud compute instances set-service-account MACHINE --zone=ZONE \
#           --service-account={{.Email}} \
#           --scopes=https://www.googleapis.com/auth/cloud-platform,https://www.googleapis.com/auth/analytics.readonly
#    b. 당신의 컴퓨터에서 돈다면 이 계정을 가장해 한 번 로그인합니다.
#         gcloud auth application-default login --impersonate-service-account={{.Email}}
#    c. 다른 곳에서 돌고 그곳이 신원을 보증한다면(GitHub Actions, AWS, Azure, Kubernetes)
#       워크로드 아이덴티티 풀을 만들어 그 신원이 이 계정으로 일할 수 있게 하고, 아래 명령이
#       쓰는 파일을 GOOGLE_APPLICATION_CREDENTIALS에 지정합니다.
#         gcloud iam workload-identity-pools create-cred-config PROVIDER \
#           --service-account={{.Email}} --output-file=weir-identity.json
#    d. 어느 것도 맞지 않으면 키를 씁니다. 키는 만료되지 않는 비밀번호입니다.
#         gcloud iam service-accounts keys create weir-key.json --iam-account={{.Email}}
#         weir secret set gcp-key < weir-key.json && shred -u weir-key.json
#       그리고 서비스 설정에: "key": {"secret": "gcp-key"}
#
# 플로 파일의 서비스:
#    "services": {"gcp": {"kind": "GoogleCloud", "settings": {"project": "{{.Project}}"}}}
# 그다음 `weir flow verify FLOW.json`이 모든 단계를 해 보고 아직 빠진 것을 알려 줍니다.
