/** What the box tells its owner about itself. */

export interface Service {
  name: string;
  state: string;
  detail?: string | null;
}

export interface Recovered {
  database: string;
  commits: number;
  frames: number;
  tornBytes: number;
}

export interface Health {
  version: string;
  startDate: string;
  address: string;
  name: string;
  domain: string;
  services: Service[];
  /** `null` when the system does not say. */
  disk: { totalBytes: number; freeBytes: number; dataBytes: number } | null;
  certificate: {
    kind: 'own_ca' | 'uploaded';
    names: string[];
    expirationDate: string;
    fingerprint: string;
    warnings: string[];
  };
  /** Speeds are `null` when they could not be measured. */
  vault: { algorithm: string; acceleration: string; sealMibPerS: number | null; openMibPerS: number | null };
  companies: number;
  users: number;
  devices: number;
  /** Databases that were brought back to a whole state at the last start. */
  recovered: Recovered[];
  /** Sentences for people, each with what to do; those of the certificate are among them. */
  warnings: string[];
}
