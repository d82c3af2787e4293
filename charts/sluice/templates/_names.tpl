{{- define "sluice.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "sluice.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "sluice.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "sluice.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "sluice.selector" -}}
app.kubernetes.io/name: {{ include "sluice.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sluice.labels" -}}
{{ include "sluice.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "sluice.account" -}}
{{- default (ternary (include "sluice.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "sluice.image" -}}
{{- $name := .Values.image.repository -}}
{{- with .Values.image.registry }}{{ $name = printf "%s/%s" . $name }}{{ end -}}
{{- if .Values.image.digest -}}{{ $name }}@{{ .Values.image.digest }}
{{- else -}}{{ $name }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "sluice.lease" -}}{{ .Values.ingressClass.name }}-leader{{- end -}}
{{- define "sluice.tcp" -}}{{ include "sluice.fullname" . }}-tcp-services{{- end -}}
{{- define "sluice.isHost" -}}{{- if or .Values.hostNetwork .Values.hostPorts.http .Values.hostPorts.https -}}yes{{- end -}}{{- end -}}

{{- define "sluice.admission" -}}{{ include "sluice.fullname" . | trunc 53 | trimSuffix "-" }}-admission{{- end -}}
{{- define "sluice.admissionSecret" -}}
{{- if eq .Values.admissionWebhook.certificate.source "secret" -}}
{{- required "admissionWebhook.certificate.secretName: where the certificate is" .Values.admissionWebhook.certificate.secretName -}}
{{- else -}}{{ include "sluice.admission" . }}{{- end -}}
{{- end -}}

{{/* What is read in every namespace, or in those that are named. */}}
{{- define "sluice.rules" -}}
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [services, secrets, configmaps]
  verbs: [get, list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [get, list, watch]
- apiGroups: [networking.k8s.io]
  resources: [ingresses/status]
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{- define "sluice.args" -}}
- controller
- --ingress-class={{ .Values.ingressClass.name }}
- --controller-name={{ .Values.ingressClass.controller }}
- --drain-delay={{ .Values.drain.delay }}
- --drain-timeout={{ .Values.drain.timeout }}
- --log-level={{ .Values.log.level }}
- --log-format={{ .Values.log.format }}
- --access-log={{ .Values.log.access }}
{{- if .Values.watchIngressWithoutClass }}
- --watch-ingress-without-class
{{- end }}
{{- if .Values.publishStatusAddresses }}
- --publish-status-address={{ join "," .Values.publishStatusAddresses }}
{{- else if .Values.publishService.pathOverride }}
- --publish-service={{ .Values.publishService.pathOverride }}
{{- else if and .Values.publishService.enabled .Values.service.enabled }}
- --publish-service={{ .Release.Namespace }}/{{ include "sluice.fullname" . }}
{{- end }}
{{- with .Values.defaultTLSSecret }}
- --default-tls-secret={{ . }}
{{- end }}
{{- with .Values.defaultBackendService }}
- --default-backend-service={{ . }}
{{- end }}
{{- if .Values.config }}
- --configmap={{ .Release.Namespace }}/{{ include "sluice.fullname" . }}
{{- end }}
{{- if .Values.tcp }}
- --tcp-services-configmap={{ .Release.Namespace }}/{{ include "sluice.tcp" . }}
{{- end }}
{{- if eq .Values.rbac.scope "namespaced" }}
{{- range default (list .Release.Namespace) .Values.rbac.namespaces }}
- --namespace={{ . }}
{{- end }}
{{- end }}
{{- if .Values.admissionWebhook.enabled }}
- --admission-port={{ .Values.admissionWebhook.port }}
- --admission-secret={{ .Release.Namespace }}/{{ include "sluice.admissionSecret" . }}
{{- if eq .Values.admissionWebhook.certificate.source "self" }}
- --admission-webhook={{ include "sluice.admission" . }}
- --admission-service={{ .Release.Namespace }}/{{ include "sluice.admission" . }}
{{- end }}
{{- end }}
{{- range $name, $value := .Values.extraArgs }}
{{- if kindIs "slice" $value }}
{{- range $value }}
- --{{ $name }}={{ . }}
{{- end }}
{{- else if kindIs "bool" $value }}
- --{{ $name }}={{ $value }}
{{- else }}
- --{{ $name }}={{ $value | toString }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Not empty where flags ask for nodes. */}}
{{- define "sluice.asksNodes" -}}
{{- $args := default dict .Values.extraArgs -}}
{{- if or (eq .Values.service.type "NodePort") (hasKey $args "publish-nodes") (eq (toString (get $args "zone")) "auto") }}true{{ end -}}
{{- end -}}

{{- /* Not empty where flags ask for namespaces by their labels. */}}
{{- define "sluice.asksNamespaces" -}}
{{- if hasKey (default dict .Values.extraArgs) "namespace-selector" }}
{{- if ne .Values.rbac.scope "cluster" }}{{ fail "extraArgs.namespace-selector needs rbac.scope: cluster, since any namespace may be chosen at any time" }}{{ end -}}
true{{ end -}}
{{- end -}}

{{- /* Not empty where flags ask for the pod itself, and those like it. */}}
{{- define "sluice.asksPods" -}}
{{- $args := default dict .Values.extraArgs -}}
{{- if or (hasKey $args "clear-status") (hasKey $args "publish-nodes") (eq (toString (get $args "zone")) "auto") }}true{{ end -}}
{{- end -}}
