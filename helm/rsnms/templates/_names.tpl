{{/* Names and labels shared by all templates. */}}

{{- define "rsnms.serviceAccount" -}}
{{- default .Release.Name .Values.serviceAccount.name -}}
{{- end -}}

{{/* Arguments: dict "root" $ "service" name */}}
{{- define "rsnms.labels" -}}
{{ include "rsnms.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: rsnms
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "rsnms.selector" -}}
app.kubernetes.io/name: rsnms
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .service }}
{{- end -}}

{{- define "rsnms.image" -}}
{{ printf "%s/%s:%s" .root.Values.image.repository .service (default .root.Chart.AppVersion .root.Values.image.tag) }}
{{- end -}}

{{/* Connection string; the password comes from the environment variable PGPASSWORD. Argument "role": app or owner. */}}
{{- define "rsnms.conninfo" -}}
host={{ .root.Values.database.host }} port={{ .root.Values.database.port }} dbname={{ .root.Values.database.name }} user={{ .service }}_{{ .role }} sslmode={{ .root.Values.database.sslMode }} target_session_attrs=read-write connect_timeout=2 tcp_user_timeout=3000
{{- end -}}

{{- define "rsnms.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "rsnms.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
